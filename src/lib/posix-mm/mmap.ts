/** mmap(2): arch/riscv/kernel/sys_riscv.c and ksys_mmap_pgoff(), do_mmap() of mm/mmap.c, as far as the descriptor goes. */
import { CAP } from "../../abi/capability.ts";
import { EACCES, EINVAL, ENOMEM, EOPNOTSUPP, EPERM, Errno, type Result } from "../../abi/errno.ts";
import { MAP, PROT } from "../../abi/mman.ts";
import { RLIMIT } from "../../abi/resource.ts";
import type { Backing, MapRequest } from "../../kernel/mm/address-space.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { PAGE_SIZE } from "../../machine/memory.ts";
import { fileOf, type OpenFile } from "../posix-fdtab/index.ts";
import { softLimit } from "../posix-process/index.ts";
import { hasCapability } from "../posix-user/index.ts";
import { addressArg, lengthArg, mapFlagsArg, protArg } from "./mm-args.ts";

/** The flags that MAP_SHARED_VALIDATE lets pass; MAP_SYNC would need memory that is its own storage. */
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
  MAP.FIXED_NOREPLACE |
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
    if ((flags & MAP.LOCKED) !== 0 && !mayLock(task)) return EPERM;
    const backing = file === undefined ? anonymous(flags) : fileBacking(file, prot, flags, offset);
    if (backing instanceof Errno) return backing;
    const shared = (flags & MAP.TYPE) !== MAP.PRIVATE;
    return task.mm.map({ address, length, prot, kind: placement(flags), backing, shared });
  },
});

function formatOffset(offset: number): string {
  return offset === 0 ? "0" : `0x${BigInt.asUintN(64, BigInt(offset)).toString(16)}`;
}

function placement(flags: number): MapRequest["kind"] {
  if ((flags & MAP.FIXED_NOREPLACE) !== 0) return "fixedNoReplace";
  return (flags & MAP.FIXED) !== 0 ? "fixed" : "hint";
}

function anonymous(flags: number): Result<Backing> {
  const type = flags & MAP.TYPE;
  return type === MAP.SHARED || type === MAP.PRIVATE ? "anonymous" : EINVAL;
}

function fileBacking(file: OpenFile, prot: number, flags: number, offset: number): Result<Backing> {
  switch (flags & MAP.TYPE) {
    case MAP.SHARED_VALIDATE:
      if ((flags & ~VALIDATED) !== 0) return EOPNOTSUPP;
      if ((prot & PROT.WRITE) !== 0 && !file.writable) return EACCES;
      break;
    case MAP.SHARED:
      if ((prot & PROT.WRITE) !== 0 && !file.writable) return EACCES;
      break;
    case MAP.PRIVATE:
      break;
    default:
      return EINVAL;
  }
  if (!file.readable) return EACCES;
  const mappable = file.mappable();
  return mappable instanceof Errno ? mappable : { file: mappable, offset };
}

/** Whether the process may keep memory from being paged out (can_do_mlock). */
export function mayLock({ process }: Task): boolean {
  return softLimit(process, RLIMIT.MEMLOCK) !== 0 || hasCapability(process, CAP.IPC_LOCK);
}
