#!/usr/bin/env node
/**
 * Starts the command line from compiled code, which saves reading half a megabyte of script: a third of a short run.
 *
 * The build keeps what V8 compiled during one run beside the bundle. V8 takes it only for the same script and its own
 * version; other Nodes keep compiled code in a folder of their own, if they can, and else read the script.
 */
import { readFileSync } from "node:fs";
import Module from "node:module";
import { join } from "node:path";
import { Script } from "node:vm";

const file = join(__dirname, "cli.js");

function compiledCode(): Buffer | undefined {
  try {
    return readFileSync(join(__dirname, `cli-${process.versions.v8}-${process.arch}.code`));
  } catch {
    return undefined;
  }
}

const cachedData = compiledCode();
if (cachedData === undefined) {
  (Module as { enableCompileCache?(): unknown }).enableCompileCache?.();
  require(file);
} else {
  const script = new Script(Module.wrap(readFileSync(file, "latin1")), { filename: file, cachedData });
  (script.runInThisContext() as (...args: unknown[]) => void)(exports, require, module, file, __dirname);
}
