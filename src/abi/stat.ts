/** Files' types, modes and times (linux/stat.h), and numbers of devices (linux/kdev_t.h). */

/** st_mode: the type in S.IFMT, permissions below. */
export const S = {
  IFMT: 0o170000,
  IFSOCK: 0o140000,
  IFLNK: 0o120000,
  IFREG: 0o100000,
  IFBLK: 0o060000,
  IFDIR: 0o040000,
  IFCHR: 0o020000,
  IFIFO: 0o010000,
  ISUID: 0o4000,
  ISGID: 0o2000,
  ISVTX: 0o1000,
  /** All permission bits with set-uid, set-gid and sticky (S_IALLUGO). */
  ALL: 0o7777,
  RWX: 0o777,
} as const;

/** d_type of a directory entry: the type's bits moved down. */
export function directoryType(mode: number): number {
  return (mode & S.IFMT) >> 12;
}

/** A device number as dev_t holds it: 12 bits of major, 20 of minor, spread as user space sees them (new_encode_dev). */
export function makeDevice(major: number, minor: number): number {
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}

export function majorOf(device: number): number {
  return (device >>> 8) & 0xfff;
}

export function minorOf(device: number): number {
  return (device & 0xff) | ((device >>> 12) & 0xfff00);
}

/** Times that utimensat(2) gives a meaning: UTIME_NOW and UTIME_OMIT in tv_nsec. */
export const UTIME = { NOW: 0x3fff_ffff, OMIT: 0x3fff_fffe } as const;

/** statx(2) masks and attributes. */
export const STATX = {
  TYPE: 0x001,
  MODE: 0x002,
  NLINK: 0x004,
  UID: 0x008,
  GID: 0x010,
  ATIME: 0x020,
  MTIME: 0x040,
  CTIME: 0x080,
  INO: 0x100,
  SIZE: 0x200,
  BLOCKS: 0x400,
  BASIC_STATS: 0x7ff,
  BTIME: 0x800,
  MNT_ID: 0x1000,
  RESERVED: 0x8000_0000,
} as const;

/** f_type of statfs(2) (linux/magic.h). */
export const FS_MAGIC = {
  TMPFS: 0x0102_1994,
  PROC: 0x9fa0,
  PIPE: 0x5049_5045,
  MQUEUE: 0x1980_0202,
  SOCK: 0x534f_434b,
  ANON_INODE: 0x0904_1934,
  HOST: 0x6a65_6a63,
} as const;

/** f_flags of statfs(2) (linux/statfs.h). */
export const ST = { RDONLY: 1, NOSUID: 2, NODEV: 4, NOEXEC: 8, VALID: 0x20, RELATIME: 0x1000 } as const;
