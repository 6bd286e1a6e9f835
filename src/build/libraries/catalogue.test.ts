import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { distFolder } from "../dist-folder.ts";
import { catalogue, identifierOf, manifestOf } from "./catalogue.ts";

test("every library's manifest is found by its name, and every system call in it", async () => {
  for (const library of catalogue.values()) {
    const { module, exported } = manifestOf(library.name);
    const found: unknown = await import(join(distFolder, module));
    assert.equal((found as Record<string, unknown>)[exported], library, `${module} exports ${exported}`);
    const text = readFileSync(join(distFolder, module), "utf8");
    const listed = /\bsyscalls: \[([^\]]*)\]/.exec(text)?.[1] ?? "";
    if (listed.includes("...")) continue;
    for (const { name } of library.syscalls) {
      assert.match(listed, new RegExp(`\\b${identifierOf(name)}\\b`), `${library.name} lists ${name}`);
    }
  }
});
