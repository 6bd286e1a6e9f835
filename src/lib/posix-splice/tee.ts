/** tee(2): copies from pipe to pipe what stays in the first (do_tee in fs/splice.c). */
import { EBADF, EINVAL, Errno } from "../../abi/errno.ts";
import { SPLICE } from "../../abi/uio.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Blocking } from "../../kernel/wait.ts";
import { fdArg } from "../posix-fdtab/arguments.ts";
import { fileOf } from "../posix-fdtab/index.ts";
import type { Pipe } from "../posix-pipe/index.ts";
import { pipeOf, SPLICE_FLAGS, untilFilled, untilRoom } from "./pipe-waits.ts";

interface Tee {
  readonly source: Pipe;
  readonly target: Pipe;
  readonly length: number;
  readonly nonBlocking: boolean;
}

export const tee = syscall({
  name: "tee",
  args: [fdArg, fdArg, arg.u64, arg.flags(SPLICE, "SPLICE_F_")],
  support: "full",
  run(task, fromFd, toFd, length, flags) {
    if (flags & ~SPLICE_FLAGS) return EINVAL;
    if (length === 0) return 0;
    const from = fileOf(task, fromFd);
    if (from instanceof Errno) return from;
    const to = fileOf(task, toFd);
    if (to instanceof Errno) return to;
    if (!from.readable || !to.writable) return EBADF;
    const [source, target] = [pipeOf(from), pipeOf(to)];
    if (source === undefined || target === undefined || source === target) return EINVAL;
    const nonBlocking = (flags & SPLICE.NONBLOCK) !== 0 || from.nonBlocking || to.nonBlocking;
    return copy(task, { source, target, length, nonBlocking });
  },
  restart: copy,
});

function* copy(task: Task, state: Tee): Blocking {
  task.restart = state;
  const { source, target, length, nonBlocking } = state;
  for (;;) {
    const filled = yield* untilFilled(source, nonBlocking);
    if (filled instanceof Errno || filled === 0) return filled;
    const room = yield* untilRoom(task, target, nonBlocking);
    if (room instanceof Errno) return room;
    const shown = source.handOn(target, length, true);
    // Somebody else may have read it during the second wait.
    if (shown > 0) return shown;
  }
}
