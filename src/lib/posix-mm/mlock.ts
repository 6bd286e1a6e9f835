/** mlock(2) and its family (Linux mm/mlock.c). Memory is never paged out: what is locked is only counted. */
import { EINVAL, ENOMEM, EPERM, type Result } from "../../abi/errno.ts";
import { MCL, MLOCK } from "../../abi/mman.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { PAGE_SIZE } from "../../machine/memory.ts";
import { lockedWithin, mayLock, mayLockMore } from "./locked.ts";
import { addressArg, lengthArg } from "./mm-args.ts";

export const mlock = syscall({
  name: "mlock",
  args: [addressArg, lengthArg],
  support: "full",
  run: (task, address, length) => lock(task, address, length, "now"),
});

export const mlock2 = syscall({
  name: "mlock2",
  args: [addressArg, lengthArg, arg.flags(MLOCK, "MLOCK_")],
  support: "full",
  run: (task, address, length, flags) =>
    (flags & ~MLOCK.ONFAULT) !== 0 ? EINVAL : lock(task, address, length, flags !== 0 ? "on fault" : "now"),
});

function lock(task: Task, address: number, length: number, when: "now" | "on fault"): Result<number> {
  if (!mayLock(task)) return EPERM;
  const size = lockedBytes(address, length);
  const start = address - (address % PAGE_SIZE);
  if (!mayLockMore(task, size - lockedWithin(task.mm, start, size))) return ENOMEM;
  const locked = setLocked(task, start, size, true);
  return locked === 0 && when === "now" && !isPresent(task, address, size) ? ENOMEM : locked;
}

/** Whether all pages of a mapped range could be brought in: they exist, and some access is allowed. (__mm_populate) */
function isPresent({ mm }: Task, address: number, size: number): boolean {
  const start = address - (address % PAGE_SIZE);
  for (const area of mm.areas()) {
    const from = Math.max(area.start, start);
    const to = Math.min(area.end, start + size);
    const someAccess = area.prot & -area.prot;
    if (from < to && (someAccess === 0 || !mm.allows(from, to - from, someAccess))) return false;
  }
  return true;
}

/** The length of the pages that a range touches; one that ends at 2 ** 64 wraps to 0. */
function lockedBytes(address: number, length: number): number {
  const size = Math.ceil((length + (address % PAGE_SIZE)) / PAGE_SIZE) * PAGE_SIZE;
  return size < 2 ** 64 ? size : 0;
}

/** apply_vma_lock_flags: a range that goes beyond 2 ** 64 is EINVAL, one that is not mapped ENOMEM. */
function setLocked({ mm }: Task, start: number, size: number, locked: boolean): Result<number> {
  if (start + size > 2 ** 64) return EINVAL;
  return size === 0 ? 0 : mm.lock(start, size, locked);
}

export const munlock = syscall({
  name: "munlock",
  args: [addressArg, lengthArg],
  support: "full",
  run: (task, address, length) => setLocked(task, address - (address % PAGE_SIZE), lockedBytes(address, length), false),
});

export const mlockall = syscall({
  name: "mlockall",
  args: [arg.flags(MCL, "MCL_")],
  support: "full",
  run(task, flags) {
    if (flags === 0 || flags === MCL.ONFAULT) return EINVAL;
    if ((flags & ~(MCL.CURRENT | MCL.FUTURE | MCL.ONFAULT)) !== 0) return EINVAL;
    if (!mayLock(task)) return EPERM;
    const { mm } = task;
    const now = (flags & MCL.CURRENT) !== 0;
    if (now && !mayLockMore(task, mm.usage.mapped - mm.usage.locked)) return ENOMEM;
    mm.lockAll(now, (flags & MCL.FUTURE) !== 0);
    return 0;
  },
});

export const munlockall = syscall({
  name: "munlockall",
  args: [],
  support: "full",
  run({ mm }) {
    mm.lockAll(false, false);
    return 0;
  },
});
