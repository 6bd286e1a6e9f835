/** mmap(2): arch/riscv/kernel/sys_riscv.c and ksys_mmap_pgoff(), do_mmap() of mm/mmap.c, as far as the descriptor goes. */
import { EACCES, EAGAIN, EINVAL, ENOMEM, EOPNOTSUPP, EPERM, Errno } from "../../abi/errno.ts";
import { MAP, PROT } from "../../abi/mman.ts";
import type { MapRequest } from "../../kernel/mm/address-space.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import { PAGE_SIZE } from "../../machine/memory.ts";
import { fileOf, type OpenFile } from "../posix-fdtab/index.ts";
import { mayLock, mayLockMore } from "./locked.ts";
import { addressArg, lengthArg, mapFlagsArg, protArg } from "./mm-args.ts";

/** The flags that MAP_SHARED_VALIDATE lets pass (LEGACY_MAP_MASK); MAP_SYNC would need memory that is its own storage. */
const VALIDATED =
  MAP.TYPE |
  MAP.FIXED |
  MAP.ANONYMOUS |
  MAP.DENYWRITE |
  MAP.EXECUTABLE |
  MAP.GROWSDOWN |
  MAP.LOCKED |
  MAP.NORESERVE |
  MAP.POPULATE |
  MAP.NONBLOCK |
  MAP.STACK |
  MAP.HUGETLB |
  MAP.UNINITIALIZED;

export const mmap = syscall({
  name: "mmap",
  args: [addressArg, lengthArg, protArg, mapFlagsArg, arg.i32, { decode: arg.i64.decode, format: formatOffset }],
  support: { partial: "no MAP_GROWSDOWN, MAP_DROPPABLE, MAP_HUGETLB or MAP_SYNC" },
  result: "hex",
  run(task, address, length, prot, flags, fd, offset) {
    if (offset % PAGE_SIZE !== 0) return EINVAL;
    const file = (flags & MAP.ANONYMOUS) !== 0 ? undefined : fileOf(task, fd);
    if (file instanceof Errno) return file;
    if (file === undefined && (flags & MAP.HUGETLB) !== 0) return ENOMEM;
    if (length === 0 || (flags & MAP.GROWSDOWN) !== 0) return EINVAL;
    const locked = (flags & MAP.LOCKED) !== 0 || task.mm.locksFuture;
    const mappable = file?.mappable();
    return task.mm.map({
      address,
      length,
      prot,
      kind: placement(flags),
      backing: mappable === undefined || mappable instanceof Errno ? "anonymous" : { file: mappable, offset },
      shared: (flags & MAP.TYPE) !== MAP.PRIVATE,
      locked,
      check() {
        if ((flags & MAP.LOCKED) !== 0 && !mayLock(task)) return EPERM;
        if (locked && !mayLockMore(task, length)) return EAGAIN;
        const refused = file === undefined ? checkAnonymous(flags) : checkFile(file, prot, flags);
        return refused ?? (mappable instanceof Errno ? mappable : undefined);
      },
    });
  },
});

function formatOffset(offset: number): string {
  return offset === 0 ? "0" : `0x${BigInt.asUintN(64, BigInt(offset)).toString(16)}`;
}

function placement(flags: number): MapRequest["kind"] {
  if ((flags & MAP.FIXED_NOREPLACE) !== 0) return "fixedNoReplace";
  return (flags & MAP.FIXED) !== 0 ? "fixed" : "hint";
}

function checkAnonymous(flags: number): Errno | undefined {
  const type = flags & MAP.TYPE;
  return type === MAP.SHARED || type === MAP.PRIVATE ? undefined : EINVAL;
}

function checkFile(file: OpenFile, prot: number, flags: number): Errno | undefined {
  const type = flags & MAP.TYPE;
  if (type !== MAP.SHARED && type !== MAP.SHARED_VALIDATE && type !== MAP.PRIVATE) return EINVAL;
  if (type === MAP.SHARED_VALIDATE && (flags & ~VALIDATED) !== 0) return EOPNOTSUPP;
  if (type !== MAP.PRIVATE && (prot & PROT.WRITE) !== 0 && !file.writable) return EACCES;
  return file.readable ? undefined : EACCES;
}
