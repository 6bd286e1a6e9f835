/** Where libraries add to what the kernel itself does. */
import type { Result } from "../abi/errno.ts";
import type { Signo } from "../abi/types.ts";
import type { ByteString } from "../base/bytes.ts";
import type { Kernel, Program } from "./kernel.ts";
import { ExtensionPoint } from "./library.ts";
import type { LoadError } from "./loader/load-error.ts";
import type { MappableFile } from "./mm/mappable.ts";
import type { Process } from "./process.ts";
import type { SyscallDefinition } from "./syscall.ts";
import type { Task } from "./task.ts";
import type { Answer, Blocking } from "./wait.ts";

/** A file that execve(2) may run: regular, and executable for the process that asks. */
export interface ExecutableFile {
  /** Its absolute path with links resolved: what /proc/self/exe names. */
  readonly path: ByteString;
  readonly size: number;
  /** Reads as pread(2) does; fewer bytes than asked for only at the end of the file. */
  read(offset: number, into: Uint8Array): Result<number>;
  readonly mappable: MappableFile;
}

/** What execveat(2) has beside a path: the descriptor that a relative one starts from, and AT_* flags. */
export interface ExecAt {
  readonly dirFd: number;
  readonly flags: number;
}

/**
 * Opens a program, or the interpreter that it names, as do_open_execat does: path lookup from the process's root and
 * working directory, or from `at`; ENOENT, EACCES (not executable, not regular), ELOOP, ENOTDIR … Provided by vfs.
 */
export const executableOpener = new ExtensionPoint<
  (process: Process, path: ByteString, at?: ExecAt) => Answer<ExecutableFile>
>("executableOpener");

/**
 * Called when a process has been made by `Kernel.start`, before its program is loaded: standard streams, working directory.
 * An error keeps the program from being started.
 */
export const onProcessStart = new ExtensionPoint<(process: Process, program: Program) => LoadError | undefined>(
  "onProcessStart",
);

/**
 * Called before the task returns to guest code while its `workPending` is set; the flag is cleared before the first call.
 * The task's registers are in page 0. It may end the task, change registers and memory, or answer a sleep (a stopped
 * process): then the others are called again afterwards.
 */
export const beforeReturn = new ExtensionPoint<(task: Task) => Blocking | undefined>("beforeReturn");

/** What the processor refused, as the signal that Linux makes of it. */
export interface Fault {
  readonly signal: Signo;
  /** si_code, such as SEGV_MAPERR. */
  readonly code: number;
  /** si_addr. */
  readonly address: number;
  /** The instruction; undefined if the memory policy could not tell (then nobody may handle the signal). */
  readonly pc: number | undefined;
}

/**
 * Posts a fault as a forced synchronous signal (force_sig_fault). Returns false if it leaves the fault to the kernel, which
 * then ends the process with that signal. Provided by posix-signal.
 */
export const onFault = new ExtensionPoint<(task: Task, fault: Fault) => boolean>("onFault");

/** What a tracer is told. It must not change anything. */
export interface SyscallObserver {
  enter?(task: Task, definition: SyscallDefinition, args: readonly unknown[]): void;
  leave?(task: Task, definition: SyscallDefinition, args: readonly unknown[], answer: Result<number>): void;
  /** A call that no library of the image provides; it answers ENOSYS. `name` is undefined if Linux has no such number. */
  unknown?(task: Task, number: number, name: string | undefined): void;
}

export const onSyscall = new ExtensionPoint<SyscallObserver>("onSyscall");

/** Answers a process's soft limit of a resource (RLIMIT_*), Infinity if there is none. Provided by posix-process. */
export const resourceLimit = new ExtensionPoint<(process: Process, resource: number) => number>("resourceLimit");

/** A text in which a library tells of the machine, by its path below /proc, where fs-proc shows it. */
export interface SystemText {
  readonly path: string;
  read(kernel: Kernel): string;
}

export const systemText = new ExtensionPoint<SystemText>("systemText");

/** Entries of the auxiliary vector that a library knows best: [type, value], such as AT_UID from posix-user. */
export const auxiliaryVector = new ExtensionPoint<(process: Process) => readonly (readonly [number, number])[]>(
  "auxiliaryVector",
);

/** Whether an id of processes is still used for something that a library names by it: a process group, a session. */
export const idInUse = new ExtensionPoint<(kernel: Kernel, id: number) => boolean>("idInUse");

/** A program was replaced: told after the new one is loaded, before it runs (vfork parents, timers, tracers). */
export const onExec = new ExtensionPoint<(task: Task) => void>("onExec");

/**
 * Told that a task lets go of its address space, which is still there: it ends, or executes another program. Robust lists
 * and the word of CLONE_CHILD_CLEARTID (mm_release of Linux kernel/fork.c).
 */
export const onTaskExit = new ExtensionPoint<(task: Task) => void>("onTaskExit");

/** Tells of a process's end before its slots are released: pidfds, the terminal. */
export const onProcessExit = new ExtensionPoint<(process: Process) => void>("onProcessExit");

/**
 * Told of a process that has ended and released all it had. Answers whether it stays as a zombie until somebody calls
 * `Kernel.reap`; without a provider none does.
 */
export const onProcessDead = new ExtensionPoint<(process: Process) => boolean>("onProcessDead");
