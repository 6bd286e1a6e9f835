// Runs what the documents show. A block of kind `console` holds commands behind "$ " and what they print; a block of
// kind `js` is a program, and the next block of kind `text` is what it prints; a block with a kind and a name is a file of
// that name. Commands of README.md are run in the root of the checkout, those of docs/ in a folder of their own. Sizes may
// differ from what is shown.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { useDebianLock } from "../../scripts/debian-lock.mjs";

await useDebianLock();
const root = fileURLToPath(new URL("../..", import.meta.url));
const scratch = join(root, ".cache/docs");

let passed = 0;
let failed = 0;
const guides = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
for (const file of ["README.md", ...guides.map((name) => join("docs", name))]) {
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  const cwd = file === "README.md" ? root : scratch;
  const blocks = [...readFileSync(join(root, file), "utf8").matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)];
  for (const [i, [, kind, name, body]] of blocks.entries()) {
    if (name !== undefined) {
      writeFileSync(join(scratch, name), body);
    } else if (kind === "console") {
      for (const [, command, shown] of body.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm))
        compare(file, command, command, shown, cwd);
    } else if (kind === "js") {
      const [, next, , shown] = blocks[i + 1] ?? [];
      if (next !== "text") continue;
      const program = join(scratch, "example.mjs");
      writeFileSync(program, body);
      compare(file, "the JavaScript example", `node ${program}`, shown, cwd);
    }
  }
}
rmSync(scratch, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

/** Runs a command in a shell as a reader would, and compares all that it prints. */
function compare(file, name, command, shown, cwd) {
  const { stdout, error } = spawnSync("sh", ["-c", `{ ${command}\n} 2>&1`], {
    cwd,
    encoding: "utf8",
    timeout: 120_000,
    // What npm says of its own settings is no part of what is shown. Volumes are new ones.
    env: { ...process.env, npm_config_loglevel: "error", DRUPE_VOLUMES: join(scratch, "volumes") },
  });
  if (error === undefined && withoutSizes(stdout) === withoutSizes(shown)) {
    passed++;
    return;
  }
  failed++;
  console.log(`FAILED ${file}: ${name}\n${error ?? ""}--- shown\n${shown}--- printed\n${stdout}`);
}

/** Sizes change with each change of the kernel. */
function withoutSizes(text) {
  return text.replace(/ *\b\d+(\.\d+)? ([KM]?B)\b/g, " # bytes");
}
