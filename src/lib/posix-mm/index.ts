import { defineLibrary } from "../../kernel/library.ts";
import { posixFdtab } from "../posix-fdtab/index.ts";
import { posixProcess } from "../posix-process/index.ts";
import { posixUser } from "../posix-user/index.ts";
import { riscvFlushIcache } from "./flush-icache.ts";
import { madvise } from "./madvise.ts";
import { brk, mincore, mprotect, mremap, msync, munmap } from "./mapping-calls.ts";
import { membarrier } from "./membarrier.ts";
import { mlock, mlock2, mlockall, munlock, munlockall } from "./mlock.ts";
import { mmap } from "./mmap.ts";

export { mayLockMore } from "./locked.ts";
export { addressArg, lengthArg } from "./mm-args.ts";

/** The system calls on memory; what they do is the kernel's AddressSpace. */
export const posixMm = defineLibrary({
  name: "posix-mm",
  summary: "mappings, the heap, and advice on memory",
  needs: [posixFdtab, posixProcess, posixUser],
  syscalls: [
    mmap,
    munmap,
    mprotect,
    mremap,
    brk,
    madvise,
    msync,
    mincore,
    mlock,
    mlock2,
    munlock,
    mlockall,
    munlockall,
    membarrier,
    riscvFlushIcache,
  ],
});
