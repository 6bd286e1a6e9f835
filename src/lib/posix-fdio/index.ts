import { defineLibrary } from "../../kernel/library.ts";
import { posixFdtab } from "../posix-fdtab/index.ts";
import { posixSignal } from "../posix-signal/index.ts";
import { copyFileRange, sendfile } from "./copy.ts";
import {
  fadvise64,
  fallocate,
  fdatasync,
  fstat,
  fsync,
  ftruncate,
  lseek,
  readahead,
  syncFileRange,
} from "./file-calls.ts";
import { ioctl } from "./ioctl.ts";
import { pread64, preadv, preadv2, pwrite64, pwritev, pwritev2, read, readv, write, writev } from "./read-write.ts";

/** What can be done with an open file, whatever it is. */
export const posixFdio = defineLibrary({
  name: "posix-fdio",
  summary: "reading, writing and other calls on open files",
  needs: [posixFdtab, posixSignal],
  syscalls: [
    read,
    write,
    readv,
    writev,
    pread64,
    pwrite64,
    preadv,
    pwritev,
    preadv2,
    pwritev2,
    lseek,
    fstat,
    ftruncate,
    fallocate,
    fsync,
    fdatasync,
    fadvise64,
    readahead,
    syncFileRange,
    ioctl,
    sendfile,
    copyFileRange,
  ],
});

export { chain } from "./chain.ts";
export { startsOver } from "./starts-over.ts";
export { formatStat, toStat } from "./stat-format.ts";
