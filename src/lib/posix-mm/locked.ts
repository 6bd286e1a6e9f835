/** Memory that is locked, and how much of it may be (Linux mm/mlock.c). */
import { CAP } from "../../abi/capability.ts";
import { RLIMIT } from "../../abi/resource.ts";
import type { AddressSpace } from "../../kernel/mm/address-space.ts";
import type { Task } from "../../kernel/task.ts";
import { softLimit } from "../posix-process/index.ts";
import { hasCapability } from "../posix-user/index.ts";

/** Whether the process may lock anything at all (can_do_mlock). */
export function mayLock({ process }: Task): boolean {
  return softLimit(process, RLIMIT.MEMLOCK) !== 0 || hasCapability(process, CAP.IPC_LOCK);
}

/** Whether it may lock so many bytes more (mlock_future_ok). */
export function mayLockMore({ process, mm }: Task, bytes: number): boolean {
  return mm.usage.locked + bytes <= softLimit(process, RLIMIT.MEMLOCK) || hasCapability(process, CAP.IPC_LOCK);
}

/** Bytes of a range that are locked (count_mm_mlocked_page_nr). */
export function lockedWithin(mm: AddressSpace, start: number, length: number): number {
  let sum = 0;
  for (const area of mm.areas()) {
    if (area.locked) sum += Math.max(0, Math.min(area.end, start + length) - Math.max(area.start, start));
  }
  return sum;
}

export const isPartlyLocked = (mm: AddressSpace, start: number, length: number): boolean =>
  lockedWithin(mm, start, length) > 0;
