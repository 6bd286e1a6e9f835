/** FUTEX_LOCK_PI, FUTEX_LOCK_PI2, FUTEX_TRYLOCK_PI and FUTEX_UNLOCK_PI (Linux kernel/futex/pi.c). */
import { EAGAIN, EINVAL, EPERM, ERESTARTNOINTR, Errno, ETIMEDOUT, type Result } from "../../abi/errno.ts";
import { FUTEX } from "../../abi/futex.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer, Blocking } from "../../kernel/wait.ts";
import { type Deadline, hasPassed } from "../posix-time/index.ts";
import { keyOf, type WordArg } from "./key.ts";
import { claimLock, dropUnused, leave, PiWaiter, passOn } from "./pi-lock.ts";
import { settle, takeOrAttach } from "./pi-word.ts";
import { enqueue, queueAt } from "./queue.ts";
import { futexSleep } from "./wait.ts";
import { exchangeWord } from "./word.ts";

/** A wait for a lock as it stands. A signal makes the call be made again with its arguments: its deadline is absolute. */
export interface LockState {
  readonly kind: "lock";
  readonly waiter: PiWaiter;
  readonly deadline: Deadline | undefined;
}

export function lockPi(task: Task, at: WordArg, deadline: Deadline | undefined): Answer {
  const key = keyOf(task, at, "write");
  if (key instanceof Errno) return key;
  const attempt = takeOrAttach({ by: task, word: at.word, key }, task, false);
  if (attempt instanceof Errno) return attempt;
  if (attempt.taken) return 0;
  const waiter = new PiWaiter(task, { bits: FUTEX.BITSET_MATCH_ANY, word: at.word });
  const claimed = claimLock(attempt.lock, waiter);
  if (claimed instanceof Errno) {
    dropUnused(attempt.lock);
    return claimed;
  }
  enqueue(key, waiter);
  const state: LockState = { kind: "lock", waiter, deadline };
  task.restart = state;
  return awaitLock(task, state);
}

/** Sleeps until the lock is granted. On a condition's word: until the waiter was moved to the lock and got it. */
export function* awaitLock(task: Task, { waiter, deadline }: Pick<LockState, "waiter" | "deadline">): Blocking {
  while (!waiter.granted) {
    const reason = yield futexSleep(task, deadline);
    if (waiter.granted) break;
    const over = reason === "timeout" && hasPassed(task.kernel, deadline);
    if (!over && reason !== "signal") continue;
    // Who was moved from a condition cannot make the call again: the condition's word has changed since.
    const moved = waiter.target !== undefined && waiter.lock !== undefined;
    leave(waiter);
    if (over) return ETIMEDOUT;
    return moved ? EAGAIN : ERESTARTNOINTR;
  }
  return settle(waiter);
}

/** Takes a lock that is free; EAGAIN otherwise, after the lock was marked as contended. */
export function tryLockPi(task: Task, at: WordArg): Result<number> {
  const key = keyOf(task, at, "write");
  if (key instanceof Errno) return key;
  const attempt = takeOrAttach({ by: task, word: at.word, key }, task, false);
  if (attempt instanceof Errno) return attempt;
  if (attempt.taken) return 0;
  dropUnused(attempt.lock);
  return EAGAIN;
}

/** Gives a lock to the most urgent who waits for it, or clears its word: EPERM unless the caller has it. */
export function unlockPi(task: Task, at: WordArg): Result<number> {
  const { word } = at;
  // Linux looks here before it looks whether the word is aligned.
  const value = task.mm.readU32(word);
  if (value instanceof Errno) return value;
  if ((value & FUTEX.TID_MASK) !== task.tid) return EPERM;
  const key = keyOf(task, at, "write");
  if (key instanceof Errno) return key;
  const first = queueAt(key)?.first;
  if (first === undefined) {
    const cleared = exchangeWord(task.mm, word, value, 0);
    if (cleared instanceof Errno) return cleared;
    return cleared ? 0 : EAGAIN;
  }
  const lock = first instanceof PiWaiter ? first.lock : undefined;
  if (lock === undefined || lock.owner !== task) return EINVAL;
  const heir = lock.claims.first?.waiter.task;
  if (heir === undefined) return EINVAL;
  // The bit stays while there is a record. That of death goes: the owner is alive and well.
  const passed = exchangeWord(task.mm, word, value, (FUTEX.WAITERS | heir.tid) >>> 0);
  if (passed instanceof Errno) return passed;
  if (!passed) return EINVAL;
  passOn(lock);
  return 0;
}
