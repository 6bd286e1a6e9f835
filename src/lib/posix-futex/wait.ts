/** FUTEX_WAIT and FUTEX_WAIT_BITSET (Linux kernel/futex/waitwake.c, futex_wait). */
import { EAGAIN, EINVAL, ERESTART_RESTARTBLOCK, ERESTARTSYS, Errno, ETIMEDOUT } from "../../abi/errno.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer, Blocking, Wait } from "../../kernel/wait.ts";
import { type Deadline, hasPassed, wakeTime } from "./deadline.ts";
import { keyOf, type WordArg } from "./key.ts";
import { dequeue, enqueue, sleepUntil, Waiter } from "./queue.ts";
import { loadWord } from "./word.ts";

/** A wait as it stands: who waits where, for what, and until when. */
export interface WaitState extends WordArg {
  readonly kind: "wait";
  readonly expected: number;
  readonly bits: number;
  readonly deadline: Deadline | undefined;
  /** Whether restart_syscall(2) goes on with the deadline; otherwise the call is made again with its arguments. */
  readonly keepsDeadline: boolean;
  /** Undefined before it sleeps, and after a signal: then it compares anew. */
  waiter: Waiter | undefined;
}

/** Sleeps until woken, provided that the word still holds the expected value; also after the sleep was interrupted. */
export function wait(task: Task, state: WaitState): Answer {
  if (state.waiter !== undefined) return sleep(task, state, state.waiter);
  if (state.bits === 0) return EINVAL;
  const key = keyOf(task, state, "read");
  if (key instanceof Errno) return key;
  const seen = loadWord(task.mm, state.word);
  if (seen instanceof Errno) return seen;
  if (seen !== state.expected) return EAGAIN;
  // Comparing and enqueuing are one step, because no handler runs between this and the sleep: no wake is lost. A guest
  // thread beside the kernel that stores after the comparison has its own wake to follow, and that finds the waiter.
  state.waiter = new Waiter(task, state.bits);
  enqueue(key, state.waiter);
  task.restart = state;
  return sleep(task, state, state.waiter);
}

function* sleep(task: Task, state: WaitState, waiter: Waiter): Blocking {
  while (waiter.queue !== undefined) {
    const reason = yield futexSleep(task, state.deadline);
    if (waiter.queue === undefined) break;
    const over = reason === "timeout" && hasPassed(task.kernel, state.deadline);
    if (!over && reason !== "signal") continue;
    dequeue(waiter);
    state.waiter = undefined;
    if (over) return ETIMEDOUT;
    return state.keepsDeadline ? ERESTART_RESTARTBLOCK : ERESTARTSYS;
  }
  return 0;
}

/** What a handler yields to sleep until {@link rouse}. */
export function futexSleep(task: Task, deadline: Deadline | undefined): Wait {
  return sleepUntil(task, wakeTime(task.kernel, deadline));
}
