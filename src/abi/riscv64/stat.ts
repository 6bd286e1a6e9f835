/** What stat(2) and its kin fill in on riscv64 (asm-generic/stat.h, linux/stat.h, asm-generic/statfs.h, linux/dirent.h). */
import { array, i32, i64, type StructOf, struct, u8, u16, u32, u64 } from "../../base/struct.ts";
import { timespec } from "./time.ts";

/** struct stat, 128 bytes. */
export const statLayout = struct({
  dev: u64,
  ino: u64,
  mode: u32,
  nlink: u32,
  uid: u32,
  gid: u32,
  rdev: u64,
  pad1: u64,
  size: i64,
  blksize: i32,
  pad2: i32,
  blocks: i64,
  atime: timespec,
  mtime: timespec,
  ctime: timespec,
  unused: array(u32, 2),
});

const statxTime = struct({ seconds: i64, nanoseconds: u32, reserved: i32 });

/** struct statx, 256 bytes. */
export const statxLayout = struct({
  mask: u32,
  blksize: u32,
  attributes: u64,
  nlink: u32,
  uid: u32,
  gid: u32,
  mode: u16,
  pad: u16,
  ino: u64,
  size: u64,
  blocks: u64,
  attributesMask: u64,
  atime: statxTime,
  btime: statxTime,
  ctime: statxTime,
  mtime: statxTime,
  rdevMajor: u32,
  rdevMinor: u32,
  devMajor: u32,
  devMinor: u32,
  mountId: u64,
  rest: array(u64, 13),
});

/** struct statfs, 120 bytes. */
export const statfsLayout = struct({
  type: i64,
  bsize: i64,
  blocks: u64,
  bfree: u64,
  bavail: u64,
  files: u64,
  ffree: u64,
  fsid: array(i32, 2),
  namelen: i64,
  frsize: i64,
  flags: i64,
  spare: array(i64, 4),
});
export type Statfs = StructOf<typeof statfsLayout>;

/** struct linux_dirent64 up to the name, which follows at offset 19. */
export const direntLayout = struct({ ino: u64, off: i64, reclen: u16, type: u8 });
export const DIRENT_NAME = 19;

/** struct flock, 32 bytes. */
export const flockLayout = struct({ type: u16, whence: u16, start: i64, len: i64, pid: i32 });

/** struct f_owner_ex */
export const ownerLayout = struct({ type: i32, pid: i32 });

/** struct open_how, version 0: 24 bytes. */
export const openHowLayout = struct({ flags: u64, mode: u64, resolve: u64 });

/** struct iovec */
export const iovecLayout = struct({ base: u64, length: u64 });
