/** Calls on an open file beside reading and writing: position, size, durability, advice, attributes. */
import { EBADF, EINVAL, EOPNOTSUPP, Errno, ESPIPE } from "../../abi/errno.ts";
import { FADV, FALLOC, SEEK } from "../../abi/fcntl.ts";
import { statLayout } from "../../abi/riscv64/stat.ts";
import { S } from "../../abi/stat.ts";
import { structOut } from "../../kernel/struct-arg.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import { fdArg } from "../posix-fdtab/arguments.ts";
import { anyFileOf, fileOf } from "../posix-fdtab/index.ts";
import { chain } from "./chain.ts";
import { startsOver } from "./starts-over.ts";
import { formatStat, toStat } from "./stat-format.ts";

const WHENCES: ReadonlySet<number> = new Set(Object.values(SEEK));

export const lseek = startsOver({
  name: "lseek",
  args: [fdArg, arg.i64, arg.name(SEEK, "SEEK_")],
  support: "full",
  run(task, fd, offset, whence) {
    const file = fileOf(task, fd);
    if (file instanceof Errno) return file;
    return WHENCES.has(whence) ? file.seek(offset, whence) : EINVAL;
  },
});

export const fstat = startsOver({
  name: "fstat",
  args: [fdArg, structOut(statLayout, formatStat)],
  support: "full",
  run(task, fd, at) {
    const file = anyFileOf(task, fd);
    if (file instanceof Errno) return file;
    return chain(file.attributes(), (attributes) => task.mm.writeStruct(at, statLayout, toStat(attributes)));
  },
});

export const ftruncate = startsOver({
  name: "ftruncate",
  args: [fdArg, arg.i64],
  support: "full",
  run(task, fd, size) {
    if (size < 0) return EINVAL;
    const file = fileOf(task, fd);
    if (file instanceof Errno) return file;
    return file.writable ? file.truncate(task, size) : EINVAL;
  },
});

const FALLOC_KNOWN =
  FALLOC.KEEP_SIZE |
  FALLOC.PUNCH_HOLE |
  FALLOC.COLLAPSE_RANGE |
  FALLOC.ZERO_RANGE |
  FALLOC.INSERT_RANGE |
  FALLOC.UNSHARE_RANGE;

// Order of checks: vfs_fallocate() in fs/open.c.
export const fallocate = startsOver({
  name: "fallocate",
  args: [fdArg, arg.flags(FALLOC, "FALLOC_FL_"), arg.i64, arg.i64],
  support: { partial: "as on tmpfs: allocate, keep the size, punch holes; no collapsing, inserting or zeroing" },
  run(task, fd, mode, offset, length) {
    const file = fileOf(task, fd);
    if (file instanceof Errno) return file;
    if (offset < 0 || length <= 0) return EINVAL;
    if (mode & ~FALLOC_KNOWN) return EOPNOTSUPP;
    if (mode & FALLOC.PUNCH_HOLE && !(mode & FALLOC.KEEP_SIZE)) return EOPNOTSUPP;
    if (!file.writable) return EBADF;
    if (file.type === S.IFIFO) return ESPIPE;
    return file.allocate(task, mode, offset, length);
  },
});

export const fsync = startsOver({
  name: "fsync",
  args: [fdArg],
  support: "full",
  run(task, fd) {
    const file = fileOf(task, fd);
    return file instanceof Errno ? file : file.sync();
  },
});

export const fdatasync = startsOver({
  name: "fdatasync",
  args: [fdArg],
  support: "full",
  run(task, fd) {
    const file = fileOf(task, fd);
    return file instanceof Errno ? file : file.sync();
  },
});

const ADVICE: ReadonlySet<number> = new Set(Object.values(FADV));

// Advice is free to be of no consequence: files are in memory, or the host caches them. (ksys_fadvise64_64 in mm/fadvise.c)
export const fadvise64 = syscall({
  name: "fadvise64",
  args: [fdArg, arg.i64, arg.i64, arg.name(FADV, "POSIX_FADV_")],
  support: "full",
  run(task, fd, _offset, length, advice) {
    const file = fileOf(task, fd);
    if (file instanceof Errno) return file;
    if (file.type === S.IFIFO) return ESPIPE;
    return length < 0 || !ADVICE.has(advice) ? EINVAL : 0;
  },
});

export const readahead = syscall({
  name: "readahead",
  args: [fdArg, arg.i64, arg.u64],
  support: "full",
  run(task, fd, _offset, count) {
    const file = fileOf(task, fd);
    if (file instanceof Errno) return file;
    if (!file.readable) return EBADF;
    return file.type === S.IFREG && count <= 2 ** 63 ? 0 : EINVAL;
  },
});

const SYNC_FILE_RANGE = { WAIT_BEFORE: 1, WRITE: 2, WAIT_AFTER: 4 } as const;

/** sync_file_range(2): of what was written nothing waits to be written back; it promises no more (fs/sync.c). */
export const syncFileRange = syscall({
  name: "sync_file_range",
  args: [fdArg, arg.i64, arg.i64, arg.flags(SYNC_FILE_RANGE, "SYNC_FILE_RANGE_")],
  support: "full",
  run(task, fd, offset, length, flags) {
    const file = fileOf(task, fd);
    if (file instanceof Errno) return file;
    const { WAIT_BEFORE, WRITE, WAIT_AFTER } = SYNC_FILE_RANGE;
    if (flags & ~(WAIT_BEFORE | WRITE | WAIT_AFTER)) return EINVAL;
    if (offset < 0 || length < 0 || offset + length > 2 ** 63) return EINVAL;
    return file.type === S.IFREG || file.type === S.IFBLK || file.type === S.IFDIR ? 0 : ESPIPE;
  },
});
