import { homedir } from "node:os";
import { utf8Encode } from "../base/bytes.ts";
import { createInterpEngine, SpacePool } from "../engine/index.ts";
import { createWasmEngine } from "../engine/wasm/engine.ts";
import {
  createCodeCompiler,
  createConsole,
  createNodeHost,
  createTranslationStore,
  keepingCompiler,
  NodeNetwork,
  usualPlaces,
} from "../host/node/index.ts";
import { ImageError, openRoot, type RootTree, rootOptions } from "../image/index.ts";
import { onProcessExit, onSyscall } from "../kernel/hooks.ts";
import { Kernel, type KernelLimits } from "../kernel/kernel.ts";
import { defineLibrary, type Library } from "../kernel/library.ts";
import { setHostname } from "../lib/posix-sysinfo/index.ts";
import { trace } from "../lib/trace/index.ts";
import type { CodeCompiler, Engine } from "../machine/engine.ts";
import { full } from "../preset/full.ts";
import { compileModules } from "./compile-modules.ts";
import { DrupeError } from "./error.ts";
import { ExitWatch, KernelMachine, type Machine } from "./machine.ts";
import { MissingCalls } from "./missing-calls.ts";
import type { BootOptions, LimitOptions } from "./options.ts";
import { createPipedConsole } from "./piped-console.ts";
import { publish } from "./publish.ts";
import { rootLibrary } from "./root.ts";
import { openVolumes } from "./volumes.ts";

/**
 * Boots a machine: a kernel with a root file system and no program yet.
 *
 * @throws {DrupeError} if the root or a volume cannot be opened; its message says why and its `cure` what to do.
 */
export async function boot(options: BootOptions = {}): Promise<Machine> {
  const root = await openGiven(options);
  const exits = new ExitWatch();
  const missing = new MissingCalls();
  const own = defineLibrary({
    name: "api",
    summary: "tells of the end of processes",
    extends: [onProcessExit.with((p) => exits.ended(p)), onSyscall.with(missing)],
  });
  const libraries: readonly Library[] = [
    ...full,
    rootLibrary(root, options.files),
    own,
    ...(options.strace === undefined ? [] : [trace(options.strace)]),
  ];
  const pipes = options.stdio === "inherit" ? undefined : createPipedConsole();
  const console = pipes?.console ?? createConsole();
  const volumes = openVolumes(options.volumes);
  const network = new NodeNetwork();
  const ports = await publish(network, options.ports).catch((error: unknown) => {
    volumes.close();
    throw error;
  });
  const host = createNodeHost({ console, network, ...volumes.granted });
  const kernel = Kernel.boot({
    libraries,
    engine: engineFor(options),
    host,
    limits: limitsFrom(options.limits),
    options: {
      ...(options.policy === undefined ? {} : { policy: options.policy }),
      count: options.count ?? false,
      discardGenerators: options.discardSleeps ?? false,
    },
  });
  if (options.hostname !== undefined) setHostname(kernel, utf8Encode(options.hostname));
  const machine = new KernelMachine({
    kernel,
    exits,
    missing,
    streams: pipes ?? {},
    network,
    ports,
    release() {
      network.close();
      pipes?.close();
      console.close?.();
      host.close();
      root?.close();
      const lost = volumes.close();
      if (lost !== undefined) throw new DrupeError(lost);
    },
  });
  options.signal?.addEventListener("abort", () => void machine.stop(), { once: true });
  if (options.signal?.aborted) await machine.stop();
  return machine;
}

async function openGiven({ root, mirror }: BootOptions): Promise<RootTree | undefined> {
  if (typeof root !== "string") return root;
  const tree = await openRoot(root, {
    ...rootOptions(process.env, homedir(), { mirror }),
    configure: compileModules,
  });
  if (tree instanceof ImageError) throw new DrupeError(tree.message, tree.cure);
  return tree;
}

function limitsFrom({ memory, cpuSeconds, processes = 1024, files = 1024 }: LimitOptions = {}): Partial<KernelLimits> {
  return {
    memoryBytes: memory ?? 2 ** 31,
    processes,
    fds: files,
    ...(cpuSeconds === undefined ? {} : { cpuNs: cpuSeconds * 1e9 }),
  };
}

/** What the machines of this process share: the compiler, and memories that are free. Never code or data of a guest. */
let shared: { readonly compiler: CodeCompiler; readonly pool: SpacePool } | undefined;

function engineFor({ engine = "wasm", cache = false }: BootOptions): Engine {
  if (shared === undefined) {
    const compiler = keepingCompiler(createCodeCompiler(), usualPlaces());
    shared = { compiler, pool: new SpacePool(compiler) };
  }
  const machine = { compiler: shared.compiler, pool: shared.pool.forMachine() };
  if (engine === "interp") return createInterpEngine(machine);
  return createWasmEngine({ ...machine, ...(cache === false ? {} : { store: createTranslationStore(cache) }) });
}
