/**
 * fcntl(2): descriptors and status flags. What a kind of file adds (record locks, pipe sizes, seals) is contributed by
 * the library that knows that kind. Order of checks: fs/fcntl.c.
 */
import { EBADF, EINVAL } from "../../abi/errno.ts";
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

const commands = perKernel((kernel) => new Map(kernel.extensions(fcntlCommand).map((c) => [c.command, c])));

/** Commands that also work on a descriptor opened with O_PATH (check_fcntl_cmd). */
const ON_PATHS: ReadonlySet<number> = new Set([F.DUPFD, F.DUPFD_CLOEXEC, F.DUPFD_QUERY, F.GETFD, F.SETFD, F.GETFL]);

export const fcntl = syscall({
  name: "fcntl",
  args: [fdArg, arg.name(F, "F_"), argumentOf()],
  support: { partial: "no leases, no directory notification, no signal-driven I/O" },
  run(task, fd, command, argument) {
    const entry = task.process.get(fdTable).get(fd);
    if (entry === undefined) return EBADF;
    if (entry.file.flags & O.PATH && !ON_PATHS.has(command)) return EBADF;
    const answer = control(task, entry, command, argument);
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

function control(task: Task, entry: Descriptor, command: number, argument: number): Answer {
  const { file } = entry;
  switch (command) {
    case F.DUPFD:
      return duplicate(task, file, argument, false);
    case F.DUPFD_CLOEXEC:
      return duplicate(task, file, argument, true);
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
      return setFlags(file, argument);
    case F.GETOWN:
      return file.owner;
    case F.SETOWN:
      file.owner = argument | 0;
      return 0;
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
function setFlags(file: OpenFile, flags: number): Answer {
  if (flags & O.DIRECT && !file.allowsDirect) return EINVAL;
  // Signal-driven I/O does not exist: the flag is refused where Linux would send SIGIO, and only kept elsewhere, as there.
  if (flags & O.ASYNC && !file.seekable) return EINVAL;
  file.flags = (flags & SETFL_MASK) | (file.flags & ~SETFL_MASK);
  return 0;
}

/** The third argument: flags, a number or a pointer, by the command. */
function argumentOf(): Arg<number> {
  return {
    decode: (low, high) => (high >>> 0) * 0x1_0000_0000 + (low >>> 0),
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
