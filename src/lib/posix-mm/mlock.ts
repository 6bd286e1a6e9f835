/** mlock(2) and its family (Linux mm/mlock.c). Memory is never paged out, so that all of it is as good as locked. */
import { CAP } from "../../abi/capability.ts";
import { EINVAL, ENOMEM, EPERM, type Result } from "../../abi/errno.ts";
import { MCL, MLOCK } from "../../abi/mman.ts";
import { RLIMIT } from "../../abi/resource.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { PAGE_SIZE } from "../../machine/memory.ts";
import { softLimit } from "../posix-process/index.ts";
import { hasCapability } from "../posix-user/index.ts";
import { addressArg, lengthArg } from "./mm-args.ts";
import { mayLock } from "./mmap.ts";

const NOT_SUMMED = { partial: "each call is held against RLIMIT_MEMLOCK, not their sum" } as const;

export const mlock = syscall({
  name: "mlock",
  args: [addressArg, lengthArg],
  support: NOT_SUMMED,
  run: (task, address, length) => lock(task, address, length),
});

export const mlock2 = syscall({
  name: "mlock2",
  args: [addressArg, lengthArg, arg.flags(MLOCK, "MLOCK_")],
  support: NOT_SUMMED,
  run: (task, address, length, flags) => ((flags & ~MLOCK.ONFAULT) !== 0 ? EINVAL : lock(task, address, length)),
});

function lock(task: Task, address: number, length: number): Result<number> {
  if (!mayLock(task)) return EPERM;
  const size = lockedBytes(address, length);
  if (size > softLimit(task.process, RLIMIT.MEMLOCK) && !hasCapability(task.process, CAP.IPC_LOCK)) return ENOMEM;
  return isLockable(task, address, size);
}

/** The length of the pages that a range touches; one that ends at 2 ** 64 wraps to 0. */
function lockedBytes(address: number, length: number): number {
  const size = Math.ceil((length + (address % PAGE_SIZE)) / PAGE_SIZE) * PAGE_SIZE;
  return size < 2 ** 64 ? size : 0;
}

/** apply_vma_lock_flags: a range that goes beyond 2 ** 64 is EINVAL, one that is not mapped ENOMEM. */
function isLockable(task: Task, address: number, size: number): Result<number> {
  const start = address - (address % PAGE_SIZE);
  if (start + size > 2 ** 64) return EINVAL;
  return size === 0 || task.mm.isMapped(start, size) ? 0 : ENOMEM;
}

export const munlock = syscall({
  name: "munlock",
  args: [addressArg, lengthArg],
  support: "full",
  run: (task, address, length) => isLockable(task, address, lockedBytes(address, length)),
});

export const mlockall = syscall({
  name: "mlockall",
  args: [arg.flags(MCL, "MCL_")],
  support: "full",
  run(task, flags) {
    if (flags === 0 || flags === MCL.ONFAULT) return EINVAL;
    if ((flags & ~(MCL.CURRENT | MCL.FUTURE | MCL.ONFAULT)) !== 0) return EINVAL;
    if (!mayLock(task)) return EPERM;
    const all = task.mm.usage.mapped;
    const limited = (flags & MCL.CURRENT) !== 0 && all > softLimit(task.process, RLIMIT.MEMLOCK);
    return limited && !hasCapability(task.process, CAP.IPC_LOCK) ? ENOMEM : 0;
  },
});

export const munlockall = syscall({ name: "munlockall", args: [], support: "full", run: () => 0 });
