/** The calls on mappings that the address space answers by itself. */
import { EBUSY, EINVAL, ENOMEM, Errno } from "../../abi/errno.ts";
import { MREMAP, MS } from "../../abi/mman.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { roundUp } from "../../base/struct.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import { LAYOUT, PAGE_SIZE } from "../../machine/memory.ts";
import { isPartlyLocked, mayLockMore } from "./locked.ts";
import { addressArg, lengthArg, protArg } from "./mm-args.ts";

export const munmap = syscall({
  name: "munmap",
  args: [addressArg, lengthArg],
  support: "full",
  run: (task, address, length) => task.mm.unmap(address, length),
});

export const mprotect = syscall({
  name: "mprotect",
  args: [addressArg, lengthArg, protArg],
  support: "full",
  run: (task, address, length, prot) => task.mm.protect(address, length, prot),
});

export const mremap = syscall({
  name: "mremap",
  args: [addressArg, lengthArg, lengthArg, arg.flags(MREMAP, "MREMAP_"), addressArg],
  support: "full",
  result: "hex",
  run: (task, old, oldLength, newLength, flags, newAddress) =>
    task.mm.remap({ old, oldLength, newLength, flags, newAddress }, (bytes) => mayLockMore(task, bytes)),
});

/** brk(2) as the kernel has it: answers the break, moved or not. */
export const brk = syscall({
  name: "brk",
  args: [addressArg],
  support: "full",
  result: "hex",
  run(task, address) {
    const { mm } = task;
    return mm.locksFuture && !mayLockMore(task, address - mm.brk) ? mm.brk : mm.setBreak(address);
  },
});

export const msync = syscall({
  name: "msync",
  args: [addressArg, lengthArg, arg.flags(MS, "MS_")],
  support: "full",
  run(task, address, length, flags) {
    if ((flags & ~(MS.ASYNC | MS.INVALIDATE | MS.SYNC)) !== 0) return EINVAL;
    if (address % PAGE_SIZE !== 0) return EINVAL;
    if ((flags & MS.ASYNC) !== 0 && (flags & MS.SYNC) !== 0) return EINVAL;
    const size = roundUp(length, PAGE_SIZE);
    // A length that wraps to nothing is as good as none.
    if (length === 0 || size >= 2 ** 64) return 0;
    if (address + size > LAYOUT.end) return ENOMEM;
    if ((flags & MS.INVALIDATE) !== 0 && isPartlyLocked(task.mm, address, size)) return EBUSY;
    if ((flags & MS.SYNC) !== 0) return task.mm.sync(address, length);
    return task.mm.isMapped(address, length) ? 0 : ENOMEM;
  },
});

/** mincore(2): what is mapped is in memory. */
export const mincore = syscall({
  name: "mincore",
  args: [addressArg, lengthArg, arg.ptr<"u8[]">()],
  support: { partial: "pages that were never touched count as resident" },
  run(task, address, length, vector) {
    if (address % PAGE_SIZE !== 0) return EINVAL;
    if (address + length > LAYOUT.end) return ENOMEM;
    const pages = roundUp(length, PAGE_SIZE) / PAGE_SIZE;
    if (pages === 0) return 0;
    if (!task.mm.isMapped(address, length)) return ENOMEM;
    const place = task.mm.window(vector as GuestPtr, pages, "write");
    if (place instanceof Errno) return place;
    place.fill(1);
    return 0;
  },
});
