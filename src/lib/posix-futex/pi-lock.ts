/**
 * Locks with priority inheritance: who holds one runs at least as urgently as everyone who waits for it, and so on along a
 * chain of holders that wait themselves (Linux kernel/locking/rtmutex.c; struct futex_pi_state of kernel/futex/pi.c).
 */
import { EDEADLK, type Result } from "../../abi/errno.ts";
import { perTask } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import { effectivePriority, FAIR_PRIORITY, lendPriority } from "../posix-sched/index.ts";
import { Entry, PriorityList } from "./priority-list.ts";
import { dequeue, type FutexKey, rouse, Waiter } from "./queue.ts";
import type { Word } from "./word.ts";

/** Linux follows chains no farther (max_lock_depth). */
const MAX_DEPTH = 1024;

/** A place in the order of those who wait for a lock. */
class Claim extends Entry<Claim> {
  readonly lock: PiLock;
  readonly waiter: PiWaiter;

  constructor(lock: PiLock, waiter: PiWaiter) {
    super();
    this.lock = lock;
    this.waiter = waiter;
  }
}

/** Who waits for a lock with priority inheritance, or on a condition from which it is to be moved to such a lock. */
export class PiWaiter extends Waiter {
  /** The lock's word as its task names it. */
  readonly word: Word;
  /** On a condition: the lock's key, which whoever moves the waiter must name too. */
  readonly target: FutexKey | undefined;
  /** The lock that it waits for, or was granted. */
  lock: PiLock | undefined;
  claim: Claim | undefined;
  /** Set when the lock became its task's. */
  granted = false;

  constructor(task: Task, parts: { readonly bits: number; readonly word: Word; readonly target?: FutexKey }) {
    super(task, parts.bits);
    this.word = parts.word;
    this.target = parts.target;
  }
}

/** A lock that somebody waits for. It exists while one of its waiters is in the queue of its word. */
export class PiLock {
  readonly key: FutexKey;
  /** Whom the kernel gave the lock to. */
  holder: Task;
  /** False when the previous holder died and the new one has not yet written itself into the word. */
  isSettled = true;
  readonly claims = new PriorityList<Claim>();
  /** Waiters that have not left. */
  users = 0;

  constructor(key: FutexKey, holder: Task) {
    this.key = key;
    this.holder = holder;
    piOf(holder).held.add(this);
  }

  /** Who the word says holds the lock; undefined after a holder's death. */
  get owner(): Task | undefined {
    return this.isSettled ? this.holder : undefined;
  }
}

const slot = perTask(() => ({ held: new Set<PiLock>(), claim: undefined as Claim | undefined }));

const piOf = (task: Task): { readonly held: Set<PiLock>; claim: Claim | undefined } => task.get(slot);

/** The locks that a task holds and others wait for. */
export function locksOf(task: Task): ReadonlySet<PiLock> {
  return piOf(task).held;
}

/** Makes a waiter wait for a lock: EDEADLK if its task holds it, or holds what its holder waits for, directly or not. */
export function claimLock(lock: PiLock, waiter: PiWaiter): Result<0> {
  let depth = 0;
  for (let holder: Task | undefined = lock.holder; holder !== undefined; holder = piOf(holder).claim?.lock.holder) {
    if (holder === waiter.task || depth++ > MAX_DEPTH) return EDEADLK;
  }
  join(lock, waiter);
  const claim = new Claim(lock, waiter);
  waiter.claim = claim;
  piOf(waiter.task).claim = claim;
  lock.claims.add(claim, claimPriority(waiter.task));
  adjust(lock.holder);
  return 0;
}

/** Says that a waiter belongs to a lock. */
export function join(lock: PiLock, waiter: PiWaiter): void {
  waiter.lock = lock;
  lock.users++;
}

/** Gives the lock to the most urgent of those who wait for it. Does nothing if nobody does. */
export function passOn(lock: PiLock): void {
  const claim = lock.claims.first;
  if (claim === undefined) return;
  const { waiter } = claim;
  const before = lock.holder;
  withdraw(claim);
  piOf(before).held.delete(lock);
  lock.holder = waiter.task;
  piOf(waiter.task).held.add(lock);
  adjust(before);
  adjust(waiter.task);
  waiter.granted = true;
  rouse(waiter.task);
}

/** Ends waiting, whether the lock was granted or not. */
export function leave(waiter: PiWaiter): void {
  const { lock, claim } = waiter;
  dequeue(waiter);
  waiter.lock = undefined;
  if (lock === undefined) return;
  if (claim !== undefined) {
    withdraw(claim);
    adjust(lock.holder);
  }
  lock.users--;
  dropUnused(lock);
}

/** Forgets a lock for which nobody waits: then its word alone says who holds it. */
export function dropUnused(lock: PiLock): void {
  if (lock.users > 0) return;
  piOf(lock.holder).held.delete(lock);
}

/** Puts a task that waits for a lock in the order of its changed priority, and lends that on. */
export function reorder(task: Task): void {
  const { claim } = piOf(task);
  if (claim === undefined) return;
  const priority = claimPriority(task);
  if (claim.priority === priority) return;
  const { claims, holder } = claim.lock;
  claims.remove(claim);
  claims.add(claim, priority);
  adjust(holder);
}

/** Those that are not real-time wait in order of arrival, whatever their nice value (__waiter_prio). */
function claimPriority(task: Task): number {
  return Math.min(effectivePriority(task), FAIR_PRIORITY);
}

function withdraw(claim: Claim): void {
  claim.lock.claims.remove(claim);
  claim.waiter.claim = undefined;
  piOf(claim.waiter.task).claim = undefined;
}

/** Lends a holder what the most urgent of its waiters has; if that changes what it waits for itself, its holder too. */
function adjust(holder: Task): void {
  let lent = Number.POSITIVE_INFINITY;
  for (const { claims } of piOf(holder).held) {
    if (claims.first !== undefined) lent = Math.min(lent, effectivePriority(claims.first.waiter.task));
  }
  // A chain has no cycle, because claimLock refuses to close one, so that this ends.
  if (lendPriority(holder, lent)) reorder(holder);
}
