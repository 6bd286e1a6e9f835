/**
 * FUTEX_WAIT_REQUEUE_PI and FUTEX_CMP_REQUEUE_PI: waiting on a condition whose lock inherits priorities. Who wakes moves the
 * waiters to the lock, so that each comes back holding it (Linux kernel/futex/requeue.c).
 */
import { EINVAL, Errno, type Result } from "../../abi/errno.ts";
import { FUTEX } from "../../abi/futex.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import type { Deadline } from "../posix-time/index.ts";
import { keyOf, type WordArg } from "./key.ts";
import { awaitLock, type LockState } from "./lock-pi.ts";
import { claimLock, dropUnused, type PiLock, PiWaiter } from "./pi-lock.ts";
import { takeOrAttach } from "./pi-word.ts";
import { enqueue, type FutexKey, queueAt, requeue, sameKey, type Waiter, wakeUp } from "./queue.ts";
import { expectWord, type Requeue } from "./requeue.ts";
import { loadWord } from "./word.ts";

/** Sleeps on a condition until somebody moves the caller to the lock and it gets that. */
export function waitRequeuePi(
  task: Task,
  condition: WordArg,
  expected: number,
  lock: WordArg,
  deadline: Deadline | undefined,
): Answer {
  if (condition.word === lock.word) return EINVAL;
  const target = keyOf(task, lock, "write");
  if (target instanceof Errno) return target;
  const key = keyOf(task, condition, "read");
  if (key instanceof Errno) return key;
  const compared = expectWord(task, condition, expected);
  if (compared instanceof Errno) return compared;
  if (sameKey(key, target)) return EINVAL;
  const waiter = new PiWaiter(task, { bits: FUTEX.BITSET_MATCH_ANY, word: lock.word, target });
  enqueue(key, waiter);
  const state: LockState = { kind: "lock", waiter, deadline };
  task.restart = state;
  return awaitLock(task, state);
}

/** Gives the lock to the first waiter or makes it wait for that, and moves others there too; answers how many in all. */
export function requeueToLock(task: Task, { from, to, wakeCount, moveCount, expected }: Requeue): Result<number> {
  if (wakeCount < 0 || moveCount < 0) return EINVAL;
  // More than one could not have the lock.
  if (from.word === to.word || wakeCount !== 1) return EINVAL;
  const fromKey = keyOf(task, from, "read");
  if (fromKey instanceof Errno) return fromKey;
  const toKey = keyOf(task, to, "write");
  if (toKey instanceof Errno) return toKey;
  if (sameKey(fromKey, toKey)) return EINVAL;
  const compared = expected === undefined ? 0 : expectWord(task, from, expected);
  if (compared instanceof Errno) return compared;
  const lockValue = loadWord(task.mm, to.word);
  if (lockValue instanceof Errno) return lockValue;
  const first = queueAt(fromKey)?.first;
  if (first === undefined) return 0;
  if (!isMeantFor(first, toKey)) return EINVAL;
  const attempt = takeOrAttach({ by: task, word: to.word, key: toKey }, first.task, moveCount > 0);
  if (attempt instanceof Errno) return attempt;
  if (attempt.taken) {
    first.granted = true;
    wakeUp(first);
  }
  if (attempt.lock === undefined) return 1;
  const moved = moveWaiters(fromKey, toKey, attempt.lock, moveCount + (attempt.taken ? 0 : 1));
  dropUnused(attempt.lock);
  return moved instanceof Errno || !attempt.taken ? moved : moved + 1;
}

/** Moves up to `count` waiters to a lock; stops with EDEADLK at one that holds what the lock's holder waits for. */
function moveWaiters(from: FutexKey, to: FutexKey, lock: PiLock, count: number): Result<number> {
  let moved = 0;
  let waiter = queueAt(from)?.first;
  while (waiter !== undefined && moved < count) {
    const next: Waiter | undefined = waiter.after;
    if (!isMeantFor(waiter, to)) return EINVAL;
    const claimed = claimLock(lock, waiter);
    if (claimed instanceof Errno) return claimed;
    requeue(waiter, to);
    moved++;
    waiter = next;
  }
  return moved;
}

/** Whether a waiter is on a condition and named this lock. */
function isMeantFor(waiter: Waiter, lock: FutexKey): waiter is PiWaiter {
  if (!(waiter instanceof PiWaiter) || waiter.lock !== undefined) return false;
  return waiter.target !== undefined && sameKey(waiter.target, lock);
}
