/** Sleeping until a pipe can be read or written, with the answers that splice(2) and tee(2) have (fs/splice.c). */
import { EAGAIN, EPIPE, ERESTARTSYS } from "../../abi/errno.ts";
import { SIG } from "../../abi/signal.ts";
import { SPLICE } from "../../abi/uio.ts";
import type { Task } from "../../kernel/task.ts";
import type { Blocking } from "../../kernel/wait.ts";
import type { OpenFile } from "../posix-fdtab/index.ts";
import type { Pipe } from "../posix-pipe/index.ts";
import { isPipeEnd } from "../posix-pipe/index.ts";
import { postSignal } from "../posix-signal/index.ts";

export const SPLICE_FLAGS = SPLICE.MOVE | SPLICE.NONBLOCK | SPLICE.MORE | SPLICE.GIFT;

export const pipeOf = (file: OpenFile): Pipe | undefined => (isPipeEnd(file) ? file.pipe : undefined);

/** Waits for bytes: answers how many there are, 0 if nobody will write any (ipipe_prep). */
export function* untilFilled(pipe: Pipe, nonBlocking: boolean): Blocking {
  while (pipe.length === 0 && pipe.writers > 0) {
    if (nonBlocking) return EAGAIN;
    if ((yield { on: [pipe.readable] }) === "signal") return ERESTARTSYS;
  }
  return pipe.length;
}

/** Waits for room: answers how much there is; EPIPE and SIGPIPE if nobody is left to read (opipe_prep, wait_for_space). */
export function* untilRoom(task: Task, pipe: Pipe, nonBlocking: boolean): Blocking {
  for (;;) {
    if (pipe.readers === 0) {
      postSignal(task, { signo: SIG.PIPE });
      return EPIPE;
    }
    if (pipe.room > 0) return pipe.room;
    if (nonBlocking) return EAGAIN;
    if ((yield { on: [pipe.writable] }) === "signal") return ERESTARTSYS;
  }
}
