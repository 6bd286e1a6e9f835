/** vmsplice(2): between memory and a pipe (fs/splice.c). Pages are copied, as SPLICE_F_GIFT leaves the kernel free to do. */
import { EBADF, EINVAL, Errno } from "../../abi/errno.ts";
import { SPLICE } from "../../abi/uio.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Blocking } from "../../kernel/wait.ts";
import { type GuestBuffer, gather, readVector, room, scatter } from "../posix-fdio/guest-buffer.ts";
import { fdArg, iovecArg } from "../posix-fdtab/arguments.ts";
import { fileOf } from "../posix-fdtab/index.ts";
import type { Pipe } from "../posix-pipe/index.ts";
import { pipeOf, SPLICE_FLAGS, untilFilled, untilRoom } from "./pipe-waits.ts";

interface Vmsplice {
  readonly pipe: Pipe;
  readonly buffer: GuestBuffer;
  readonly give: boolean;
  readonly nonBlocking: boolean;
}

export const vmsplice = syscall({
  name: "vmsplice",
  args: [fdArg, iovecArg(2, "input"), arg.u64, arg.flags(SPLICE, "SPLICE_F_")],
  support: "full",
  run(task, fd, at, count, flags) {
    if (flags & ~SPLICE_FLAGS) return EINVAL;
    const file = fileOf(task, fd);
    if (file instanceof Errno) return file;
    if (!file.writable && !file.readable) return EBADF;
    const buffer = readVector(task, at, count);
    if (buffer instanceof Errno) return buffer;
    if (buffer.length === 0) return 0;
    const pipe = pipeOf(file);
    if (pipe === undefined) return EBADF;
    return move(task, { pipe, buffer, give: file.writable, nonBlocking: (flags & SPLICE.NONBLOCK) !== 0 });
  },
  restart: move,
});

/** Moves what there is, or as much as there is room for: only the first byte is waited for. */
function* move(task: Task, state: Vmsplice): Blocking {
  task.restart = state;
  const { pipe, buffer, give, nonBlocking } = state;
  const ready = give ? yield* untilRoom(task, pipe, nonBlocking) : yield* untilFilled(pipe, nonBlocking);
  if (ready instanceof Errno || ready === 0) return ready;
  const bytes = give ? gather(task, buffer, 0) : room(task, buffer);
  if (bytes instanceof Errno) return bytes;
  if (give) return pipe.put(bytes);
  const count = pipe.peek(bytes);
  pipe.drop(count);
  scatter(task, buffer, bytes, count);
  return count;
}
