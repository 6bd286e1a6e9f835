import type { Instant, Pid, Tid } from "../abi/types.ts";
import type { ByteString } from "../base/bytes.ts";
import type { Engine, PollMode } from "../machine/engine.ts";
import type { MemoryPolicy } from "../machine/memory.ts";
import type { Host } from "./host.ts";
import type { ExtensionPoint, Library } from "./library.ts";
import type { LoadError } from "./loader/load-error.ts";
import type { ExitStatus, Process } from "./process.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Slot } from "./slots.ts";
import type { SyscallDefinition } from "./syscall.ts";
import type { Task } from "./task.ts";

/** What a machine may use of its host. */
export interface KernelLimits {
  /** Committed guest memory of all processes. */
  readonly memoryBytes: number;
  /** Processor time of the guest; the process that passes it is killed. */
  readonly cpuNs?: number;
  readonly processes: number;
  /** Open files of one process: the hard RLIMIT_NOFILE. */
  readonly fds: number;
}

export interface KernelOptions {
  /** Keeps one memory policy instead of choosing by what the program does. */
  readonly policy?: MemoryPolicy;
  /** Default: `flag` if the host can preempt, else `fuel`. */
  readonly poll?: PollMode;
  /** Counts instructions in translated code. */
  readonly count?: boolean;
  /** Throws every sleeping generator away and goes on from `task.restart`: a test of that data. */
  readonly discardGenerators?: boolean;
}

export interface BootOptions {
  readonly libraries: readonly Library[];
  readonly engine: Engine;
  readonly host: Host;
  readonly limits?: Partial<KernelLimits>;
  readonly options?: KernelOptions;
}

export interface Program {
  readonly path: ByteString;
  readonly argv: readonly ByteString[];
  readonly env: readonly ByteString[];
}

/** A call that is to be made at an instant. */
export interface Timer {
  readonly when: Instant;
  cancel(): void;
}

/** A bug in the kernel or a library: it ended its machine, and nothing else. */
export interface MachineFault {
  readonly message: string;
  readonly cause: unknown;
}

/** One machine: its processes, and the libraries that serve them. */
export declare class Kernel {
  static boot(options: BootOptions): Kernel;
  readonly host: Host;
  readonly engine: Engine;
  /** In dependency order. */
  readonly libraries: readonly Library[];
  readonly limits: KernelLimits;
  readonly options: KernelOptions;
  readonly processes: ReadonlyMap<Pid, Process>;
  readonly tasks: ReadonlyMap<Tid, Task>;
  readonly scheduler: Scheduler;
  /** The task whose system call or fault is being handled. */
  current: Task | undefined;
  get<T>(slot: Slot<Kernel, T>): T;
  extensions<T>(point: ExtensionPoint<T>): readonly T[];
  /** Nanoseconds since boot on the monotonic clock. */
  now(): Instant;
  /** Calls back when the instant has come, between two handlers. */
  at(when: Instant, call: () => void): Timer;
  /** The definition of a system call number, or undefined if no library of this image provides it. */
  syscallDefinition(number: number): SyscallDefinition | undefined;
  /** The library that provides a system call in this image. */
  providerOf(name: string): Library | undefined;
  /** Makes a process and runs a program in it. */
  start(program: Program): Promise<Process | LoadError>;
  /** Ends all tasks of a process: exit_group(2), or a fatal signal. It does nothing to one that has ended. */
  exitProcess(process: Process, status: ExitStatus): void;
  /** Ends one task; the process ends with its last one. */
  exitTask(task: Task, code: number): void;
  /** Runs until no process is left, or until {@link stop}. Answers the bug that ended the machine, if one did. */
  run(): Promise<MachineFault | undefined>;
  /** Ends every process with SIGKILL. */
  stop(): void;
}
