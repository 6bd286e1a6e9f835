/** FUTEX_WAIT and FUTEX_WAIT_BITSET (Linux kernel/futex/waitwake.c, futex_wait). */
import { EAGAIN, EINVAL, ERESTART_RESTARTBLOCK, ERESTARTSYS, Errno, ETIMEDOUT, type Result } from "../../abi/errno.ts";
import type { Task } from "../../kernel/task.ts";
import type { Wait, WakeReason } from "../../kernel/wait.ts";
import { type Deadline, hasPassed, wakeTime } from "../posix-time/index.ts";
import { keyOf, type WordArg } from "./key.ts";
import { dequeue, enqueue, singleWaiter, sleepUntil, type Waiter } from "./queue.ts";
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

/**
 * Sleeps until woken, provided that the word still holds the expected value; also after the sleep was interrupted.
 *
 * @param reason - why a sleep ended that is to be gone on with.
 */
export function wait(task: Task, state: WaitState, reason?: WakeReason): Result<number> | Wait {
  const { waiter, deadline } = state;
  if (waiter === undefined) return begin(task, state);
  if (waiter.queue === undefined) return 0;
  const over = reason === "timeout" && hasPassed(task.kernel, deadline);
  if (!over && reason !== "signal") return futexSleep(task, deadline);
  dequeue(waiter);
  state.waiter = undefined;
  if (over) return ETIMEDOUT;
  return state.keepsDeadline ? ERESTART_RESTARTBLOCK : ERESTARTSYS;
}

function begin(task: Task, state: WaitState): Result<number> | Wait {
  if (state.bits === 0) return EINVAL;
  const key = keyOf(task, state, "read");
  if (key instanceof Errno) return key;
  const seen = loadWord(task.mm, state.word);
  if (seen instanceof Errno) return seen;
  if (seen !== state.expected) return EAGAIN;
  // Comparing and enqueuing are one step, because no handler runs between this and the sleep: no wake is lost. A guest
  // thread beside the kernel that stores after the comparison has its own wake to follow, and that finds the waiter.
  state.waiter = singleWaiter(task, state.bits);
  enqueue(key, state.waiter);
  task.restart = state;
  return futexSleep(task, state.deadline);
}

/** What a handler sleeps for until it is roused, or should look whether the deadline has passed. */
export function futexSleep(task: Task, deadline: Deadline | undefined): Wait {
  return deadline === undefined ? sleepUntil(undefined) : sleepUntil(wakeTime(task.kernel, deadline));
}
