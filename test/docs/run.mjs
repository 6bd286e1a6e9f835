// Runs what the documents show. A block of kind `console` holds commands behind "$ " and what they print; a block of
// kind `js` is a program, and the next block of kind `text` is what it prints.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const scratch = join(root, ".cache/docs");
mkdirSync(scratch, { recursive: true });

let passed = 0;
let failed = 0;
for (const file of ["README.md"]) {
  const blocks = [...readFileSync(join(root, file), "utf8").matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)];
  for (const [i, [, kind, body]] of blocks.entries()) {
    if (kind === "console") {
      for (const [, command, shown] of body.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm))
        compare(file, command, command, shown);
    } else if (kind === "js") {
      const [, next, shown] = blocks[i + 1] ?? [];
      if (next !== "text") continue;
      const program = join(scratch, "example.mjs");
      writeFileSync(program, body);
      compare(file, "the JavaScript example", `node ${program}`, shown);
    }
  }
}
rmSync(scratch, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

/** Runs a command in a shell as a reader would, and compares all that it prints. */
function compare(file, name, command, shown) {
  const { stdout, error } = spawnSync("sh", ["-c", `{ ${command}\n} 2>&1`], {
    cwd: root,
    encoding: "utf8",
    timeout: 120_000,
    // What npm says of its own settings is no part of what is shown.
    env: { ...process.env, npm_config_loglevel: "error" },
  });
  if (error === undefined && stdout === shown) {
    passed++;
    return;
  }
  failed++;
  console.log(`FAILED ${file}: ${name}\n${error ?? ""}--- shown\n${shown}--- printed\n${stdout}`);
}
