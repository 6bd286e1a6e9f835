/** What the kernel makes of the word of a lock with priority inheritance (Linux kernel/futex/pi.c). */
import { EDEADLK, EINVAL, Errno, ESRCH, type Result } from "../../abi/errno.ts";
import { FUTEX } from "../../abi/futex.ts";
import type { Tid } from "../../abi/types.ts";
import type { Task } from "../../kernel/task.ts";
import { leave, PiLock, PiWaiter } from "./pi-lock.ts";
import { type FutexKey, queueAt } from "./queue.ts";
import { loadWord, storeWord, updateWord, type Word } from "./word.ts";

/** A lock's word as one task names it: the key is the same for all. */
export interface PiWord {
  /** Through whose memory the word is accessed. */
  readonly by: Task;
  readonly word: Word;
  readonly key: FutexKey;
}

/** Whether the lock was free and is taken now, and the kernel's record of it, which a lock that was taken may lack. */
export type Attempt =
  | { readonly taken: true; readonly lock: PiLock | undefined }
  | { readonly taken: false; readonly lock: PiLock };

/**
 * Takes a lock for a task if it is free; otherwise finds or makes the record of who holds it (futex_lock_pi_atomic).
 *
 * @param expectWaiters - says that others will wait for the lock once it is taken, which needs a record at once.
 * @returns EFAULT; EDEADLK if the task has it; ESRCH if the word names nobody; EINVAL if word and record disagree.
 */
export function takeOrAttach({ by, word, key }: PiWord, task: Task, expectWaiters: boolean): Result<Attempt> {
  const value = loadWord(by.mm, word);
  if (value instanceof Errno) return value;
  const tid = (value & FUTEX.TID_MASK) as Tid;
  if (tid === task.tid) return EDEADLK;
  const first = queueAt(key)?.first;
  if (first !== undefined) return attachToLock(first instanceof PiWaiter ? first.lock : undefined, value);
  if (tid === 0) {
    const flags = (value & FUTEX.OWNER_DIED) | (expectWaiters ? FUTEX.WAITERS : 0);
    const written = storeWord(by.mm, word, (flags | task.tid) >>> 0);
    if (written instanceof Errno) return written;
    return { taken: true, lock: expectWaiters ? new PiLock(key, task) : undefined };
  }
  // From here on the owner has to unlock by a call. The bit stays if that owner turns out not to exist.
  const marked = updateWord(by.mm, word, (old) => (old | FUTEX.WAITERS) >>> 0);
  if (marked instanceof Errno) return marked;
  const owner = by.kernel.tasks.get(tid);
  return owner === undefined || owner.dead ? ESRCH : { taken: false, lock: new PiLock(key, owner) };
}

/** attach_to_pi_state: EINVAL if the word was tampered with, or if it is used for locks of both kinds. */
function attachToLock(lock: PiLock | undefined, value: number): Result<Attempt> {
  if (lock === undefined) return EINVAL;
  const tid = value & FUTEX.TID_MASK;
  const attempt: Attempt = { taken: false, lock };
  const { owner } = lock;
  if ((value & FUTEX.OWNER_DIED) !== 0) {
    // After a death the heir has yet to write its name.
    if (owner === undefined) return tid === 0 ? attempt : EINVAL;
    if (tid === 0) return attempt;
  }
  return owner !== undefined && owner.tid === tid ? attempt : EINVAL;
}

/**
 * Ends the wait of a task that was granted a lock. The heir of a dead holder writes its name and that of death into the
 * word: EFAULT if that is gone (fixup_pi_state_owner).
 */
export function settle(waiter: PiWaiter): Result<0> {
  const { lock, task } = waiter;
  let written: Result<0> = 0;
  if (lock !== undefined && !lock.isSettled) {
    lock.isSettled = true;
    written = storeWord(task.mm, waiter.word, (FUTEX.WAITERS | FUTEX.OWNER_DIED | task.tid) >>> 0);
  }
  leave(waiter);
  return written;
}
