import type { Readable, Writable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { type ByteString, utf8Decode, utf8Encode } from "../base/bytes.ts";
import type { NodeNetwork, PublishedPort } from "../host/node/index.ts";
import type { Kernel, MachineFault, Program } from "../kernel/kernel.ts";
import { LoadError } from "../kernel/loader/load-error.ts";
import type { Process } from "../kernel/process.ts";
import type { EngineStats } from "../machine/engine.ts";
import { type Connection, fetchFrom, streamsOver, WireConnection, wirePair } from "../network/index.ts";
import { DrupeError } from "./error.ts";
import { killFromOutside } from "./kill.ts";
import type { MissingCall, MissingCalls } from "./missing-calls.ts";
import type { ExitStatus, SpawnOptions } from "./options.ts";

/** What a machine has done and used. */
export interface MachineStats {
  readonly engine: EngineStats;
  /** Most guest memory that was committed at a time; bytes. */
  readonly peakMemory: number;
  readonly processes: number;
  /** System calls that programs asked for and no library of the machine provides: they got ENOSYS. */
  readonly missing: readonly MissingCall[];
}

/** A program that was started. */
export interface GuestProcess {
  readonly pid: number;
  /** Resolves when it has ended, and who listens to the machine's streams has what it wrote. */
  readonly exited: Promise<ExitStatus>;
  /** Sends a signal, as kill(2) does. Default SIGTERM. */
  kill(signal?: NodeJS.Signals): void;
}

/** A booted machine: a kernel without programs, until the first is spawned. */
export interface Machine {
  /** With `stdio: "pipe"`: the programs' standard input. */
  readonly stdin: Writable | undefined;
  readonly stdout: Readable | undefined;
  readonly stderr: Readable | undefined;
  /**
   * Starts a program. A name without a slash is looked for in PATH.
   *
   * @throws {DrupeError} if it cannot be run: not found, not executable, for another machine, …
   */
  spawn(path: string, args?: readonly string[], options?: SpawnOptions): Promise<GuestProcess>;
  /** The ports that were published, with their numbers. */
  readonly ports: readonly PublishedPort[];
  /**
   * Connects to a TCP port of the guest.
   *
   * @throws {DrupeError} if no program listens there.
   */
  connect(port: number): Promise<Connection>;
  /** Asks a server of the guest by HTTP, as fetch() of the web does. The URL's port is the guest's. */
  fetch(url: string | URL, init?: RequestInit): Promise<Response>;
  /** Sends a signal to every process of the machine. Default SIGTERM. */
  kill(signal?: NodeJS.Signals): void;
  /** Ends every process with SIGKILL and gives back what the machine holds. It can be called more than once. */
  stop(): Promise<void>;
  stats(): MachineStats;
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The streams of a machine, if they are not this process's own. */
interface Streams {
  readonly stdin?: Writable;
  readonly stdout?: Readable;
  readonly stderr?: Readable;
}

/** A {@link Machine} over a kernel. */
export class KernelMachine implements Machine {
  readonly stdin: Writable | undefined;
  readonly stdout: Readable | undefined;
  readonly stderr: Readable | undefined;
  readonly ports: readonly PublishedPort[];
  private readonly network: NodeNetwork;
  private readonly kernel: Kernel;
  private readonly exits: ExitWatch;
  private readonly missing: MissingCalls;
  /** Throws if what a guest wrote could not be kept. */
  private readonly release: () => void;
  private running: Promise<void> | undefined;
  private stopped: Promise<void> | undefined;
  private spawned = 0;

  constructor(parts: {
    kernel: Kernel;
    exits: ExitWatch;
    missing: MissingCalls;
    streams: Streams;
    network: NodeNetwork;
    ports: readonly PublishedPort[];
    release: () => void;
  }) {
    this.kernel = parts.kernel;
    this.exits = parts.exits;
    this.missing = parts.missing;
    this.release = parts.release;
    this.network = parts.network;
    this.ports = parts.ports;
    this.stdin = parts.streams.stdin;
    this.stdout = parts.streams.stdout;
    this.stderr = parts.streams.stderr;
  }

  async spawn(path: string, args: readonly string[] = [], options: SpawnOptions = {}): Promise<GuestProcess> {
    if (this.stopped !== undefined) throw new DrupeError("the machine has been stopped", "Boot another one.");
    const env = environment(options.env);
    const argv = [options.argv0 ?? path, ...args].map(utf8Encode);
    const process = await this.start(path, { argv, env, ...placeOf(options) });
    // Streams hand on what is pushed in a turn of their own.
    const exited = this.exits.of(process).then((status) => setImmediate(status));
    this.spawned++;
    this.run();
    return {
      pid: process.pid,
      exited,
      kill: (signal = "SIGTERM") => killFromOutside(process, signal),
    };
  }

  async connect(port: number): Promise<Connection> {
    const [here, there] = wirePair();
    if (!this.network.connect(port, new WireConnection(there))) {
      throw new DrupeError(`no program of the machine listens at port ${port}`, "Connect when it does.");
    }
    return streamsOver(new WireConnection(here));
  }

  fetch(url: string | URL, init?: RequestInit): Promise<Response> {
    return fetchFrom((port) => this.connect(port), url, init);
  }

  kill(signal: NodeJS.Signals = "SIGTERM"): void {
    for (const process of this.kernel.processes.values()) killFromOutside(process, signal);
  }

  stop(): Promise<void> {
    this.stopped ??= this.shutDown();
    return this.stopped;
  }

  stats(): MachineStats {
    return {
      engine: this.kernel.engine.stats(),
      peakMemory: this.kernel.peakMemory,
      processes: this.spawned,
      missing: this.missing.list,
    };
  }

  private async shutDown(): Promise<void> {
    this.kernel.stop();
    await this.running;
    this.release();
  }

  /** Tries each directory of PATH for a bare name, as execvp(3) does. */
  private async start(path: string, program: Omit<Program, "path">): Promise<Process> {
    const places = path.includes("/") ? [path] : searchPath(program.env).map((directory) => `${directory}/${path}`);
    let refusal: LoadError | undefined;
    for (const place of places) {
      const answer = await this.kernel.start({ ...program, path: utf8Encode(place) });
      if (!(answer instanceof LoadError)) return answer;
      if (refusal === undefined || answer.errno.name !== "ENOENT") refusal = answer;
      if (answer.errno.name !== "ENOENT") break;
    }
    throw new DrupeError(refusal?.message ?? `${path}: not found`, refusal?.cure);
  }

  /** Keeps the kernel going while it has processes. */
  private run(): void {
    this.running ??= this.kernel.run().then(() => {
      this.running = undefined;
    });
  }
}

/** A bug in a machine's kernel. It ended the processes of that machine, and nothing else. */
export class MachineBug extends Error {
  override readonly name = "MachineBug";

  constructor({ message, cause }: MachineFault) {
    super(`a bug in Drupe's kernel ended the machine: ${message}`, { cause });
  }
}

/** Tells of the end of processes. */
export class ExitWatch {
  private readonly waiting = new Map<Process, { resolve(status: ExitStatus): void; reject(error: Error): void }>();

  of(process: Process): Promise<ExitStatus> {
    if (process.exitStatus !== undefined) return Promise.resolve(process.exitStatus);
    return new Promise((resolve, reject) => this.waiting.set(process, { resolve, reject }));
  }

  ended(process: Process): void {
    const waiting = this.waiting.get(process);
    this.waiting.delete(process);
    const { fault } = process.kernel.scheduler;
    if (fault !== undefined) waiting?.reject(new MachineBug(fault));
    else if (process.exitStatus !== undefined) waiting?.resolve(process.exitStatus);
  }
}

function placeOf({ cwd, user }: SpawnOptions): Pick<Program, "cwd" | "user"> {
  return {
    ...(cwd === undefined ? {} : { cwd: utf8Encode(cwd) }),
    ...(user === undefined ? {} : { user: { groups: [], ...user } }),
  };
}

function environment(given: SpawnOptions["env"] = []): readonly ByteString[] {
  const pairs = Array.isArray(given)
    ? (given as readonly string[])
    : Object.entries(given).map(([name, value]) => `${name}=${value}`);
  const merged = new Map(
    [`PATH=${PATH}`, "HOME=/root", ...pairs].map((pair) => [pair.slice(0, pair.indexOf("=")), pair]),
  );
  return [...merged.values()].map(utf8Encode);
}

function searchPath(env: readonly ByteString[]): readonly string[] {
  const found = env.find((pair) => pair.startsWith("PATH="));
  return utf8Decode((found?.slice("PATH=".length) ?? PATH) as ByteString).split(":");
}
