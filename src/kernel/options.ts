/** What a machine is made of and may use, and what it runs first. */
import type { ByteString } from "../base/bytes.ts";
import type { Engine, PollMode } from "../machine/engine.ts";
import type { MemoryPolicy } from "../machine/memory.ts";
import type { Host } from "./host.ts";
import type { Interleaving } from "./interleaving.ts";
import type { Library } from "./library.ts";

/** What a machine may use of its host. */
export interface KernelLimits {
  /** Committed guest memory of all processes. */
  readonly memoryBytes: number;
  /** Processor time of one process; when it passes that it is killed. */
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
  /** System calls that the machine does not have, although its libraries would provide them. */
  readonly without?: ReadonlySet<string>;
  /** Counts instructions in translated code. */
  readonly count?: boolean;
  /** Throws every sleeping generator away and goes on from `task.restart`: a test of that data. */
  readonly discardGenerators?: boolean;
  /** Decides who runs when. It needs poll mode `fuel`. */
  readonly interleaving?: Interleaving;
}

export interface BootOptions {
  readonly libraries: readonly Library[];
  readonly engine: Engine;
  readonly host: Host;
  readonly limits?: Partial<KernelLimits>;
  readonly options?: KernelOptions;
}

/** What to run first. */
/** Whom a program acts for. */
export interface ProgramUser {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups. */
  readonly groups: readonly number[];
}

export interface Program {
  readonly path: ByteString;
  readonly argv: readonly ByteString[];
  readonly env: readonly ByteString[];
  /** The process's working directory; default "/". */
  readonly cwd?: ByteString;
  /** Default: root. */
  readonly user?: ProgramUser;
}

export const DEFAULT_LIMITS: KernelLimits = { memoryBytes: 0x8000_0000, processes: 4096, fds: 524_288 };
