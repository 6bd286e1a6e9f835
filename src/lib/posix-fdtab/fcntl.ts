/**
 * fcntl(2): descriptors and status flags. What a kind of file adds (record locks, pipe sizes, seals) is contributed by
 * the library that knows that kind. Order of checks: fs/fcntl.c.
 */
import { EBADF, EINVAL, ENOTTY, Errno, type Result } from "../../abi/errno.ts";
import { F, FD_CLOEXEC, O, SETFL_MASK } from "../../abi/fcntl.ts";
import type { Fd } from "../../abi/types.ts";
import { ExtensionPoint } from "../../kernel/library.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import { type Arg, arg, formatFlags, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { type Answer, isBlocking } from "../../kernel/wait.ts";
import { fdArg, formatOpenFlags, hex } from "./arguments.ts";
import { type Descriptor, descriptorLimit, fdTable } from "./fd-table.ts";
import type { OpenFile } from "./open-file.ts";

/** A command that a library adds to fcntl(2). It starts over after a sleep. */
export interface FcntlCommand {
  readonly command: number;
  run(task: Task, file: OpenFile, argument: number): Answer;
}

export const fcntlCommand = new ExtensionPoint<FcntlCommand>("fcntlCommand");

/**
 * Told that O_ASYNC was set on a file, by which descriptor, or cleared (undefined): from then on the file's owner gets a signal
 * whenever its readiness changes. Without a provider the flag is refused.
 */
export const readinessSignals = new ExtensionPoint<(task: Task, file: OpenFile, fd: Fd | undefined) => void>(
  "readinessSignals",
);

const commands = perKernel((kernel) => new Map(kernel.extensions(fcntlCommand).map((c) => [c.command, c])));

/** Commands that also work on a descriptor opened with O_PATH (check_fcntl_cmd). */
const ON_PATHS: ReadonlySet<number> = new Set([F.DUPFD, F.DUPFD_CLOEXEC, F.DUPFD_QUERY, F.GETFD, F.SETFD, F.GETFL]);

export const fcntl = syscall({
  name: "fcntl",
  args: [fdArg, arg.name(F, "F_"), argumentOf()],
  support: { partial: "no leases, no directory notification" },
  run(task, fd, command, argument) {
    const entry = task.process.get(fdTable).get(fd);
    if (entry === undefined) return EBADF;
    if (entry.file.flags & O.PATH && !ON_PATHS.has(command)) return EBADF;
    const answer = control(task, fd, entry, command, argument);
    if (isBlocking(answer)) task.restart = { file: entry.file, command, argument } satisfies State;
    return answer;
  },
  restart: (task, { file, command, argument }: State) =>
    task.kernel.get(commands).get(command)!.run(task, file, argument),
});

interface State {
  readonly file: OpenFile;
  readonly command: number;
  readonly argument: number;
}

function control(task: Task, fd: Fd, entry: Descriptor, command: number, argument: number): Answer {
  const { file } = entry;
  switch (command) {
    case F.DUPFD:
      return duplicate(task, file, argument >>> 0, false);
    case F.DUPFD_CLOEXEC:
      return duplicate(task, file, argument >>> 0, true);
    case F.DUPFD_QUERY:
      return task.process.get(fdTable).get(argument)?.file === file ? 1 : 0;
    case F.GETFD:
      return entry.closeOnExec ? FD_CLOEXEC : 0;
    case F.SETFD:
      entry.closeOnExec = (argument & FD_CLOEXEC) !== 0;
      return 0;
    case F.GETFL:
      return file.flags;
    case F.SETFL:
      return setFlags(task, fd, file, argument);
    default:
      return task.kernel.get(commands).get(command)?.run(task, file, argument) ?? EINVAL;
  }
}

function duplicate({ process }: Task, file: OpenFile, from: number, closeOnExec: boolean): Answer<Fd> {
  const limit = descriptorLimit(process);
  if (from >= limit) return EINVAL;
  return process.get(fdTable).install(file, closeOnExec, limit, from);
}

/** Changes the flags that may change; the others are ignored, as Linux ignores them (setfl). */
function setFlags(task: Task, fd: Fd, file: OpenFile, flags: number): Answer {
  if (flags & O.DIRECT && !file.allowsDirect) return EINVAL;
  // On files that are always ready the flag is kept, and means nothing.
  if ((flags ^ file.flags) & O.ASYNC && file.signalsReadiness) {
    const told = tellReadiness(task, fd, file, (flags & O.ASYNC) !== 0);
    if (told instanceof Errno) return told;
  }
  file.flags = (flags & SETFL_MASK) | (file.flags & ~SETFL_MASK);
  return 0;
}

/** Begins or ends that the file's owner gets signals: EINVAL if nobody provides them. */
function tellReadiness(task: Task, fd: Fd, file: OpenFile, on: boolean): Result<0> {
  const tellers = task.kernel.extensions(readinessSignals);
  if (tellers.length === 0) return EINVAL;
  for (const tell of tellers) tell(task, file, on ? fd : undefined);
  return 0;
}

/** Sets or clears O_ASYNC: ENOTTY for files that have no such signals (ioctl_fioasync). */
export function setAsync(task: Task, fd: Fd, file: OpenFile, on: boolean): Result<0> {
  if (on === ((file.flags & O.ASYNC) !== 0)) return 0;
  if (!file.signalsReadiness) return ENOTTY;
  const told = tellReadiness(task, fd, file, on);
  if (told instanceof Errno) return told;
  file.flags = on ? file.flags | O.ASYNC : file.flags & ~O.ASYNC;
  return 0;
}

/** The third argument: flags, a number or a pointer, by the command. */
function argumentOf(): Arg<number> {
  return {
    // Signed, so that small negative numbers are exact; pointers are positive anyway.
    decode: arg.i64.decode,
    format(value, { args }) {
      switch (args[1]) {
        case F.GETFD:
        case F.GETFL:
        case F.GETOWN:
        case F.GETSIG:
        case F.GETPIPE_SZ:
        case F.GET_SEALS:
          return "";
        case F.SETFD:
          return formatFlags(value, { CLOEXEC: FD_CLOEXEC }, "FD_");
        case F.SETFL:
          return formatOpenFlags(value);
        case F.DUPFD:
        case F.DUPFD_CLOEXEC:
        case F.SETOWN:
        case F.SETPIPE_SZ:
          return `${value | 0}`;
        default:
          return hex(value);
      }
    },
  };
}
