/** FUTEX_REQUEUE and FUTEX_CMP_REQUEUE (Linux kernel/futex/requeue.c, futex_requeue). */
import { EAGAIN, EINVAL, Errno, type Result } from "../../abi/errno.ts";
import type { Task } from "../../kernel/task.ts";
import { keyOf, type WordArg } from "./key.ts";
import { PiWaiter } from "./pi-lock.ts";
import { queueAt, requeue, type Waiter, wakeUp } from "./queue.ts";
import { loadWord } from "./word.ts";

/** What a requeue is told: how many to wake at the first word, and how many of the others to move to the second. */
export interface Requeue {
  readonly from: WordArg;
  readonly to: WordArg;
  readonly wakeCount: number;
  readonly moveCount: number;
  /** What the first word must hold, or EAGAIN; undefined not to look. */
  readonly expected: number | undefined;
}

/** Wakes some and moves others, in order; answers how many in all. */
export function requeueWaiters(task: Task, { from, to, wakeCount, moveCount, expected }: Requeue): Result<number> {
  if (wakeCount < 0 || moveCount < 0) return EINVAL;
  const fromKey = keyOf(task, from, "read");
  if (fromKey instanceof Errno) return fromKey;
  const toKey = keyOf(task, to, "read");
  if (toKey instanceof Errno) return toKey;
  // Nothing runs between the comparison and the moves, so that a waiter that comes later sees the changed word.
  const compared = expected === undefined ? 0 : expectWord(task, from, expected);
  if (compared instanceof Errno) return compared;
  let done = 0;
  let waiter = queueAt(fromKey)?.first;
  while (waiter !== undefined && done - wakeCount < moveCount) {
    const next: Waiter | undefined = waiter.after;
    if (waiter instanceof PiWaiter) return EINVAL;
    done++;
    if (done <= wakeCount) wakeUp(waiter);
    else requeue(waiter, toKey);
    waiter = next;
  }
  return done;
}

/** EAGAIN unless a word holds a value. */
export function expectWord(task: Task, { word }: WordArg, expected: number): Result<0> {
  const seen = loadWord(task.mm, word);
  if (seen instanceof Errno) return seen;
  return seen === expected ? 0 : EAGAIN;
}
