import { WaitQueue } from "../../kernel/wait.ts";

export type LockType = "read" | "write";

/** A locked range of bytes, its end included. */
export interface RangeLock {
  /** Who holds it: a process, or with OFD locks an open file. Compared by identity. */
  readonly owner: object;
  readonly type: LockType;
  readonly start: number;
  readonly end: number;
  /** What F_GETLK reports: the process, or -1 for an OFD lock. */
  readonly pid: number;
}

/** The record locks of one file (posix_lock_inode in fs/locks.c). Locks of one owner never overlap. */
export class RangeLocks {
  private locks: readonly RangeLock[] = [];
  /** Woken when locks go away or shrink. */
  readonly released = new WaitQueue();

  /** The first lock that keeps this one from being taken. */
  conflicting(wanted: RangeLock): RangeLock | undefined {
    return this.locks.find(
      (held) =>
        held.owner !== wanted.owner && overlaps(held, wanted) && (held.type === "write" || wanted.type === "write"),
    );
  }

  /** Takes a lock that nothing conflicts with: what the owner had in that range becomes of the new type. */
  take(wanted: RangeLock): void {
    const others = this.without(wanted.owner, wanted.start, wanted.end);
    let { start, end } = wanted;
    const kept: RangeLock[] = [];
    for (const lock of others) {
      const touches =
        lock.owner === wanted.owner && lock.type === wanted.type && lock.end >= start - 1 && lock.start <= end + 1;
      if (touches) {
        start = Math.min(start, lock.start);
        end = Math.max(end, lock.end);
      } else kept.push(lock);
    }
    this.locks = [...kept, { ...wanted, start, end }].sort((a, b) => a.start - b.start);
    this.released.wake();
  }

  /** Unlocks a range; a lock that reaches beyond it is cut, or split in two. */
  release(owner: object, start: number, end: number): void {
    this.locks = this.without(owner, start, end);
    this.released.wake();
  }

  private without(owner: object, start: number, end: number): readonly RangeLock[] {
    return this.locks.flatMap((lock) => {
      if (lock.owner !== owner || !overlaps(lock, { start, end })) return [lock];
      const rest: RangeLock[] = [];
      if (lock.start < start) rest.push({ ...lock, end: start - 1 });
      if (lock.end > end) rest.push({ ...lock, start: end + 1 });
      return rest;
    });
  }
}

function overlaps(a: Pick<RangeLock, "start" | "end">, b: Pick<RangeLock, "start" | "end">): boolean {
  return a.start <= b.end && b.start <= a.end;
}
