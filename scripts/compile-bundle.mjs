// Runs the bundled command line once and keeps what V8 compiled for it: see src/cli/launch.ts.
import { readFileSync, writeFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";

const file = fileURLToPath(new URL("../dist/bundle/cli.js", import.meta.url));
const folder = dirname(file);
const script = new Script(Module.wrap(readFileSync(file, "latin1")), { filename: file });

process.argv.splice(1, process.argv.length, file, "run", "--no-cache", "drupe:hello");
const module = { exports: {} };
script.runInThisContext()(module.exports, createRequire(file), module, file, folder);

process.on("exit", () => {
  // V8 refuses code that was compiled under other flags than its own, and a run sets this one.
  if (process.versions.node.startsWith("20.")) setFlagsFromString("--no-experimental-wasm-relaxed-simd");
  writeFileSync(join(folder, `cli-${process.versions.v8}-${process.arch}.code`), script.createCachedData());
});
