import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { defineLibrary, type Library } from "../../kernel/library.ts";
import { getppid } from "../../lib/posix-process/ids.ts";
import { BuildError } from "../build-error.ts";
import { trim } from "../bundle/specialise.ts";
import { distFolder } from "../dist-folder.ts";
import { catalogue, manifestOf } from "./catalogue.ts";
import { resolve } from "./resolve.ts";

/** A catalogue of libraries that exist only here. */
function of(...libraries: readonly Library[]): ReadonlyMap<string, Library> {
  return new Map(libraries.map((library) => [library.name, library]));
}

const make = (name: string, needs: readonly Library[] = [], syscalls: Library["syscalls"] = []): Library =>
  defineLibrary({ name, summary: name, needs, syscalls });

function ask(known: ReadonlyMap<string, Library>, names: readonly string[], without: readonly string[] = []) {
  return resolve({ catalogue: known, wishes: names.map((name) => ({ name, why: "wanted" })), without });
}

test("needs come first, each once, with why they are in", () => {
  const base = make("base");
  const answer = ask(of(base, make("left", [base]), make("right", [base])), ["left", "right"]);
  assert.deepEqual(answer, [
    { name: "base", why: "needed by left" },
    { name: "left", why: "wanted" },
    { name: "right", why: "wanted" },
  ]);
});

for (const { what, answer, message } of [
  { what: "an unknown name", answer: ask(of(make("posix-fdio")), ["posix-fdo"]), message: /no library posix-fdo/ },
  {
    what: "a call that two provide",
    answer: ask(of(make("a", [], [getppid]), make("b", [], [getppid])), ["a", "b"]),
    message: /getppid is provided by a and by b/,
  },
  {
    what: "a need that is left out",
    answer: ask(of(make("low"), make("high", [make("low")])), ["high"], ["low"]),
    message: /low is left out, but it is needed by high/,
  },
  { what: "a circle of needs", answer: ask(circle(), ["one"]), message: /one → two → one need each other/ },
]) {
  test(`refused: ${what}`, () => {
    assert.ok(answer instanceof BuildError);
    assert.match(answer.message, message);
  });
}

function circle(): ReadonlyMap<string, Library> {
  const needs: Library[] = [];
  const two: Library = { name: "two", summary: "", needs, syscalls: [], extends: [] };
  const one = make("one", [two]);
  needs.push(one);
  return of(one, two);
}

test("every library can be imported by its name, and left without its calls", () => {
  for (const library of catalogue.values()) {
    const { module, exported } = manifestOf(library.name);
    const text = readFileSync(join(distFolder, module), "utf8");
    const without = library.syscalls.map((call) => call.name);
    const trimmed = trim(text, { name: library.name, why: "", without });
    const rest = /\bsyscalls: \[([^\]]*)\]/.exec(trimmed)?.[1] ?? "";
    const kept = rest.split(",").filter((name) => name.trim() !== "" && !name.includes("..."));
    assert.deepEqual(kept, [], `${library.name}: ${exported}`);
  }
});
