import { createWriteStream, readFileSync, statSync, type WriteStream } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  boot,
  DrupeError,
  type LimitOptions,
  type Machine,
  type MachineStats,
  type RootTree,
  shellStatus,
} from "../api/index.ts";
import { isTerminal } from "../host/node/index.ts";
import { defaultCacheDir, ImageError, openRoot } from "../image/index.ts";
import { imageFile, runImage } from "./run-image.ts";
import { formatStats } from "./stats.ts";
import type { Volume } from "./values.ts";

/** What `drupe run` was asked for. */
export interface RunRequest {
  readonly program: string;
  readonly args: readonly string[];
  readonly rootfs?: string;
  readonly mirror?: string;
  readonly lock?: string;
  readonly volume: readonly Volume[];
  readonly env: readonly string[];
  readonly workdir?: string;
  readonly tty: boolean;
  readonly entrypoint?: string;
  readonly memory: number;
  readonly cpuTime?: number;
  readonly pidsLimit?: number;
  readonly files?: number;
  readonly hostname?: string;
  readonly engine: "wasm" | "interp";
  readonly policy?: "null" | "paged";
  readonly strace: boolean;
  readonly straceOutput?: string;
  readonly stats: boolean;
  readonly quiet: boolean;
  readonly cache: boolean;
}

/** A program, and the files that it lives among. */
interface Source {
  readonly root?: RootTree;
  readonly files?: Readonly<Record<string, Uint8Array>>;
  readonly path: string;
  readonly argv0: string;
}

/** Runs a program and answers its status as a shell gives it. */
export async function run(request: RunRequest): Promise<number> {
  if (request.tty && !(isTerminal(0) && isTerminal(1))) {
    throw new DrupeError(
      "-t asks for a terminal, but stdin or stdout is none",
      "Leave -t out, or run it in a terminal.",
    );
  }
  const trace = request.strace ? openTrace(request.straceOutput) : undefined;
  const image = request.rootfs === undefined ? imageFile(request.program) : undefined;
  if (image !== undefined) return runImage(image, request, trace?.line ?? (() => {}));
  const source = await openSource(request);
  const machine = await boot({
    ...(source.root === undefined ? {} : { root: source.root }),
    ...(source.files === undefined ? {} : { files: source.files }),
    ...(request.policy === undefined ? {} : { policy: request.policy }),
    ...(request.hostname === undefined ? {} : { hostname: request.hostname }),
    ...(trace === undefined ? {} : { strace: trace.line }),
    volumes: request.volume,
    engine: request.engine,
    limits: limitsOf(request),
    stdio: "inherit",
    cache: request.cache ? join(defaultCacheDir(process.env, homedir()), "translations") : false,
    count: request.stats,
  });
  const stopForwarding = forwardSignals(machine);
  try {
    const env = [...(process.env.TERM && isTerminal(1) ? [`TERM=${process.env.TERM}`] : []), ...request.env];
    const program = await machine.spawn(source.path, request.args, {
      env,
      argv0: source.argv0,
      ...(request.workdir === undefined ? {} : { cwd: request.workdir }),
    });
    const status = shellStatus(await program.exited);
    if (status !== 0) reportMissing(machine.stats().missing);
    return status;
  } finally {
    stopForwarding();
    await machine.stop();
    if (request.stats) process.stderr.write(formatStats(machine.stats()));
    trace?.close();
  }
}

async function openSource(request: RunRequest): Promise<Source> {
  const { program, entrypoint } = request;
  if (program.startsWith("debian:")) {
    const root = await open(program, request);
    const path = entrypoint ?? root.command;
    if (path === undefined) throw new DrupeError(`${program} names no program`, "Name one: debian:PACKAGE/COMMAND.");
    return { root, path, argv0: basename(path) };
  }
  if (request.rootfs !== undefined) {
    return { root: await open(request.rootfs, request), path: entrypoint ?? program, argv0: program };
  }
  const file = program === "drupe:hello" ? fileURLToPath(new URL("../../share/hello", import.meta.url)) : program;
  const path = `/${basename(file)}`;
  return { files: { [path]: readProgram(file) }, path: entrypoint ?? path, argv0: program };
}

async function open(source: string, request: RunRequest): Promise<RootTree> {
  // Loaded only here: a run of a single file has nothing to wait for.
  const { ProgressBar } = await import("./progress.ts");
  const progress = new ProgressBar(!request.quiet);
  try {
    const root = await openRoot(source, {
      cacheDir: defaultCacheDir(process.env, homedir()),
      mirror: request.mirror ?? process.env.DRUPE_DEBIAN_MIRROR,
      lockFile: request.lock,
      onProgress: progress.update,
    });
    if (root instanceof ImageError) throw new DrupeError(root.message, root.cure);
    return root;
  } finally {
    progress.stop();
  }
}

function readProgram(file: string): Uint8Array {
  try {
    if (!statSync(file).isFile()) throw new DrupeError(`${file} is not a file`, "Name a riscv64 Linux program.");
    return readFileSync(file);
  } catch (error) {
    if (error instanceof DrupeError) throw error;
    const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : (error as Error).message;
    throw new DrupeError(
      `cannot read ${file}: ${why}`,
      "PROGRAM is a file of this machine, a path with --rootfs, debian:PACKAGE, or drupe:hello.",
    );
  }
}

function limitsOf(request: RunRequest): LimitOptions {
  return {
    memory: request.memory,
    ...(request.cpuTime === undefined ? {} : { cpuSeconds: request.cpuTime }),
    ...(request.pidsLimit === undefined ? {} : { processes: request.pidsLimit }),
    ...(request.files === undefined ? {} : { files: request.files }),
  };
}

/** Signals of this process that are meant for the guest. With a terminal in raw mode Ctrl-C arrives as a key instead. */
const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

function forwardSignals(machine: Machine): () => void {
  const forward = (signal: NodeJS.Signals): void => machine.kill(signal);
  for (const signal of FORWARDED) process.on(signal, forward);
  return () => {
    for (const signal of FORWARDED) process.off(signal, forward);
  };
}

function openTrace(file: string | undefined): { line(text: string): void; close(): void } {
  const out: WriteStream | NodeJS.WriteStream = file === undefined ? process.stderr : createWriteStream(file);
  return {
    line: (text) => void out.write(`${text}\n`),
    close: () => {
      if (file !== undefined) out.end();
    },
  };
}

/** Calls that the C libraries try and go round when they are not there: they explain no failure. */
const TRIED_IN_VAIN = new Set(["rseq"]);

/** Names what a program that failed did not get. */
function reportMissing(missing: MachineStats["missing"]): void {
  for (const { name, library } of missing) {
    if (TRIED_IN_VAIN.has(name)) continue;
    const place =
      library === undefined
        ? "no library provides it"
        : `it belongs to library ${library}, which does not provide it yet`;
    process.stderr.write(`drupe: the program asked for ${name} and got ENOSYS: ${place}\n`);
  }
}
