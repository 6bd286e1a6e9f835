/** Opening, descriptors and paths (asm-generic/fcntl.h, linux/fcntl.h, linux/openat2.h). */

/** open(2) flags. riscv64 uses the generic numbers; O_RDONLY is 0. */
export const O = {
  WRONLY: 0o1,
  RDWR: 0o2,
  ACCMODE: 0o3,
  CREAT: 0o100,
  EXCL: 0o200,
  NOCTTY: 0o400,
  TRUNC: 0o1000,
  APPEND: 0o2000,
  NONBLOCK: 0o4000,
  DSYNC: 0o10000,
  ASYNC: 0o20000,
  DIRECT: 0o40000,
  /** What every open of a 64-bit program has, and F_GETFL shows. */
  LARGEFILE: 0o100000,
  DIRECTORY: 0o200000,
  NOFOLLOW: 0o400000,
  NOATIME: 0o1000000,
  CLOEXEC: 0o2000000,
  /** __O_SYNC | O_DSYNC */
  SYNC: 0o4010000,
  PATH: 0o10000000,
  /** __O_TMPFILE | O_DIRECTORY */
  TMPFILE: 0o20200000,
} as const;

/** __O_TMPFILE: the bit that O_TMPFILE has beside O_DIRECTORY. */
export const O_TMPFILE_BIT = 0o20000000;

/** Everything that open(2) knows (VALID_OPEN_FLAGS in linux/fcntl.h). openat(2) ignores the rest, openat2(2) refuses it. */
export const O_VALID =
  O.ACCMODE |
  O.CREAT |
  O.EXCL |
  O.NOCTTY |
  O.TRUNC |
  O.APPEND |
  O.NONBLOCK |
  O.SYNC |
  O.ASYNC |
  O.DIRECT |
  O.LARGEFILE |
  O.DIRECTORY |
  O.NOFOLLOW |
  O.NOATIME |
  O.CLOEXEC |
  O.PATH |
  O.TMPFILE;

/** The *at(2) calls' directory and flags. */
export const AT_FDCWD = -100;
export const AT = {
  SYMLINK_NOFOLLOW: 0x100,
  /** faccessat2(2); the same bit is AT_REMOVEDIR in unlinkat(2). */
  EACCESS: 0x200,
  REMOVEDIR: 0x200,
  SYMLINK_FOLLOW: 0x400,
  NO_AUTOMOUNT: 0x800,
  EMPTY_PATH: 0x1000,
  STATX_FORCE_SYNC: 0x2000,
  STATX_DONT_SYNC: 0x4000,
  STATX_SYNC_TYPE: 0x6000,
} as const;

export const F = {
  DUPFD: 0,
  GETFD: 1,
  SETFD: 2,
  GETFL: 3,
  SETFL: 4,
  GETLK: 5,
  SETLK: 6,
  SETLKW: 7,
  SETOWN: 8,
  GETOWN: 9,
  SETSIG: 10,
  GETSIG: 11,
  SETOWN_EX: 15,
  GETOWN_EX: 16,
  OFD_GETLK: 36,
  OFD_SETLK: 37,
  OFD_SETLKW: 38,
  SETLEASE: 1024,
  GETLEASE: 1025,
  NOTIFY: 1026,
  DUPFD_QUERY: 1027,
  DUPFD_CLOEXEC: 1030,
  SETPIPE_SZ: 1031,
  GETPIPE_SZ: 1032,
  ADD_SEALS: 1033,
  GET_SEALS: 1034,
} as const;

export const FD_CLOEXEC = 1;

/** What F_SETFL can change (SETFL_MASK in linux/fcntl.h). */
export const SETFL_MASK = O.APPEND | O.NONBLOCK | O.DIRECT | O.NOATIME | O.ASYNC;

/** Kinds of record lock: l_type of struct flock. */
export const LOCK_TYPE = { RDLCK: 0, WRLCK: 1, UNLCK: 2 } as const;

/** flock(2) */
export const LOCK = { SH: 1, EX: 2, NB: 4, UN: 8, MAND: 32 } as const;

/** Seals of a memory file (linux/fcntl.h). */
export const SEAL = { SEAL: 1, SHRINK: 2, GROW: 4, WRITE: 8, FUTURE_WRITE: 16, EXEC: 32 } as const;

/** memfd_create(2) (linux/memfd.h) */
export const MFD = { CLOEXEC: 1, ALLOW_SEALING: 2, HUGETLB: 4, NOEXEC_SEAL: 8, EXEC: 16 } as const;

export const RESOLVE = {
  NO_XDEV: 0x01,
  NO_MAGICLINKS: 0x02,
  NO_SYMLINKS: 0x04,
  BENEATH: 0x08,
  IN_ROOT: 0x10,
  CACHED: 0x20,
} as const;

/** access(2) */
export const ACCESS_OK = { F: 0, X: 1, W: 2, R: 4 } as const;

export const SEEK = { SET: 0, CUR: 1, END: 2, DATA: 3, HOLE: 4 } as const;

/** fallocate(2) (linux/falloc.h) */
export const FALLOC = {
  KEEP_SIZE: 1,
  PUNCH_HOLE: 2,
  COLLAPSE_RANGE: 8,
  ZERO_RANGE: 16,
  INSERT_RANGE: 32,
  UNSHARE_RANGE: 64,
} as const;

export const FADV = { NORMAL: 0, RANDOM: 1, SEQUENTIAL: 2, WILLNEED: 3, DONTNEED: 4, NOREUSE: 5 } as const;

/** renameat2(2) (linux/fs.h) */
export const RENAME = { NOREPLACE: 1, EXCHANGE: 2, WHITEOUT: 4 } as const;

/** close_range(2) */
export const CLOSE_RANGE = { UNSHARE: 2, CLOEXEC: 4 } as const;

/** setxattr(2) (linux/xattr.h) */
export const XATTR = { CREATE: 1, REPLACE: 2 } as const;

/** Kinds of owners of struct f_owner_ex. */
export const F_OWNER = { TID: 0, PID: 1, PGRP: 2 } as const;
