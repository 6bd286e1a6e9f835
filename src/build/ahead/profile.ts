/** Starts a program once while its image is built, to see what code it maps, and what of it a start runs. */
import { type ByteString, utf8Encode } from "../../base/bytes.ts";
import type { OpenImage } from "../../entry/container.ts";
import { quietConsole } from "../../entry/node/quiet-console.ts";
import { soloRoot, wholeRoot } from "../../entry/root.ts";
import type { Volume } from "../../entry/volumes.ts";
import { createCodeCompiler, createNodeHost } from "../../host/node/index.ts";
import type { HostConsole } from "../../kernel/host.ts";
import { type BootOptions, Kernel } from "../../kernel/kernel.ts";
import { defineLibrary, type Library } from "../../kernel/library.ts";
import { LoadError } from "../../kernel/loader/load-error.ts";
import { RamDirectory, RamFileSystem } from "../../lib/fs-ram/index.ts";
import { copyTree } from "../../lib/fs-volume/copy-tree.ts";
import { bootMount, type Inode } from "../../lib/vfs/index.ts";
import type { CodeCompiler, Engine } from "../../machine/engine.ts";
import { full } from "../../preset/full.ts";
import { BuildError } from "../build-error.ts";
import { catalogue } from "../libraries/catalogue.ts";
import { consoleOf } from "../start/streams.ts";
import { RecordedClock } from "./recorded-clock.ts";

export interface ProfileRequest {
  readonly image: OpenImage;
  /** Whole argument vectors to run, one after the other; none only loads the program. */
  readonly runs: readonly (readonly ByteString[])[];
  /** A run is ended after so many seconds, of the processor or of its own clock. */
  readonly seconds: number;
  readonly engine: Engine;
  readonly extra?: readonly Library[];
  /** Milliseconds of processor time so far that were spent on something else than the runs. */
  readonly spentMs?: () => number;
  /** The runs' streams, where they are to be seen. */
  readonly console?: HostConsole;
  /** The kinds of streams that nobody sees; see `streamsOf`. Default: pipes. */
  readonly streams?: string;
}

/** What one run came to. */
export interface ProfileRun {
  readonly argv: readonly ByteString[];
  /** How it ended; undefined if it was only loaded. */
  readonly status: string | undefined;
  readonly stderr: string;
}

/**
 * Runs a program of an image, in a machine with the image's libraries, or with every library if none were chosen yet. What it prints
 * is dropped, and it may reach nothing outside.
 */
export async function profile({
  image,
  runs,
  seconds,
  engine,
  extra = [],
  spentMs = () => 0,
  streams = "pipe pipe pipe",
  ...given
}: ProfileRequest): Promise<readonly ProfileRun[] | BuildError> {
  const { program, volumes } = image.manifest;
  const machine = machineFor(image);
  const done: ProfileRun[] = [];
  for (const argv of runs.length === 0 ? [program.argv] : runs) {
    let stderr = "";
    const unseen = quietConsole({ stderr: (bytes) => (stderr += Buffer.from(bytes).toString("latin1")) });
    const console = given.console ?? consoleOf(streams, unseen);
    const outside = createNodeHost({ console, files: [] });
    const stop = (): void => kernel.stop();
    // Who looks on, and types, lives in this world's time.
    const clock = given.console === undefined ? new RecordedClock(outside.clock, seconds * 1e9, stop) : outside.clock;
    const host = { ...outside, entropy: NO_ENTROPY, clock };
    const kernel: Kernel = Kernel.boot({
      ...machine,
      libraries: [...machine.libraries, ...extra, ...emptyVolumes(volumes)],
      engine,
      host,
    });
    const cancel = after(seconds * 1000, spentMs, stop);
    try {
      const { path, env, cwd } = program;
      const started = await kernel.start({ path, argv, env, cwd });
      if (started instanceof LoadError) return new BuildError(started.message, started.cure ?? "Check the program.");
      if (runs.length === 0) kernel.stop();
      const fault = await kernel.run();
      if (fault !== undefined) throw new Error(fault.message, { cause: fault.cause });
      const status = await started.exited;
      const told = status.kind === "exited" ? `exited with ${status.code}` : `ended by signal ${status.signal}`;
      done.push({ argv, status: runs.length === 0 ? undefined : told, stderr });
    } finally {
      cancel();
      outside.close();
    }
  }
  return done;
}

/** In place of volumes that are named: what a run writes to them is kept nowhere. */
function emptyVolumes(volumes: readonly Volume[]): readonly Library[] {
  const mounts = volumes
    .filter(({ named }) => named)
    .map(({ destination }) => bootMount.with({ target: utf8Encode(destination), make: newVolume }));
  return mounts.length === 0
    ? []
    : [defineLibrary({ name: "empty-volumes", summary: "nothing is kept", extends: mounts })];
}

/** What a new volume begins with. */
function newVolume(kernel: Kernel, over?: Inode): RamFileSystem {
  const fs = new RamFileSystem(kernel);
  if (over instanceof RamDirectory) copyTree(over, fs.root);
  return fs;
}

/** Where libraries are chosen yet to be the machine is a small one: nobody knows the program. */
function machineFor(image: OpenImage): Pick<BootOptions, "libraries" | "limits" | "options"> {
  const { libraries, memory, policy } = image.manifest;
  if (libraries.length === 0) return { libraries: [...full, wholeRoot(image)], limits: { processes: 64, fds: 1024 } };
  const root = libraries.some(({ name }) => name === "vfs") ? wholeRoot : soloRoot;
  return {
    libraries: [...libraries.map(({ name }) => catalogue.get(name)!), root(image)],
    limits: memory === undefined ? {} : { memoryBytes: memory },
    options: {
      without: new Set(libraries.flatMap(({ without = [] }) => without)),
      ...(policy === undefined ? {} : { policy }),
    },
  };
}

/** The same in every build, so that the same input gives the same image. */
const NO_ENTROPY = { fill: (bytes: Uint8Array) => void bytes.fill(0x5a) };

/** Node's timers count no further. */
const LONGEST_MS = 0x7fff_ffff;

/** Processor time of this process so far: how much a run gets done in it does not depend on what else the machine does. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Calls back after processor time in which what was spent on something else does not count. Returns how to cancel. */
function after(delayMs: number, spentMs: () => number, call: () => void): () => void {
  const own = (): number => cpuMs() - spentMs();
  const end = own() + delayMs;
  let timer: NodeJS.Timeout;
  const check = (): void => {
    const left = end - own();
    if (left <= 0) call();
    else timer = setTimeout(check, Math.min(left, LONGEST_MS));
  };
  check();
  return () => clearTimeout(timer);
}

/** The compiler of builds, made once. */
export const compiler: () => CodeCompiler = once(createCodeCompiler);

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
