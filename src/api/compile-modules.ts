/** Does for Python what Debian does where its packages are installed. */
import { type ByteString, utf8Encode } from "../base/bytes.ts";
import { LeftCaches } from "../build/root/left-caches.ts";
import { createInterpEngine } from "../engine/index.ts";
import { createCodeCompiler, createNodeHost, keepingCompiler, usualPlaces } from "../host/node/index.ts";
import { lookUp, type RootEntry, type RootTree } from "../image/index.ts";
import { Kernel } from "../kernel/kernel.ts";
import { LoadError } from "../kernel/loader/load-error.ts";
import { full } from "../preset/full.ts";
import { createPipedConsole } from "./piped-console.ts";
import { rootLibrary } from "./root.ts";

const PYTHON = "/usr/bin/python3";
const PROCESSOR_NS = 60e9;

/**
 * Compiles the modules that every start of Python loads, half of its instructions otherwise, in a machine of their own: nothing but the tree's
 * own files has a say in them. py3compile(1) would compile all modules, which takes minutes here; what else a program imports
 * it compiles for itself.
 */
export async function compileModules(tree: RootTree): Promise<ReadonlyMap<ByteString, RootEntry>> {
  if (lookUp(tree.entries, utf8Encode(PYTHON))?.entry.type !== "file") return new Map();
  const caches = new LeftCaches();
  const host = createNodeHost({ console: createPipedConsole().console, files: [] });
  try {
    const kernel = Kernel.boot({
      libraries: [...full, rootLibrary(tree), caches.library],
      engine: createInterpEngine({ compiler: keepingCompiler(createCodeCompiler(), usualPlaces()) }),
      host,
      limits: { cpuNs: PROCESSOR_NS },
    });
    const argv = [PYTHON, "-c", "pass"].map(utf8Encode);
    const started = await kernel.start({ path: utf8Encode(PYTHON), argv, env: [], cwd: utf8Encode("/") });
    if (!(started instanceof LoadError)) await kernel.run();
    return caches.besides(tree);
  } finally {
    host.close();
  }
}
