import type { Timespec } from "../../abi/types.ts";

/** What stat(2) tells of a file, before it is laid out as struct stat or struct statx. */
export interface Attributes {
  /** dev_t of the file system that holds it, as `makeDevice` packs it. */
  readonly device: number;
  readonly inode: number;
  /** Type and permissions. */
  readonly mode: number;
  readonly links: number;
  readonly uid: number;
  readonly gid: number;
  /** dev_t of the device that it is, for character and block devices; else 0. */
  readonly rdev: number;
  readonly size: number;
  /** Preferred unit of I/O, bytes. */
  readonly blockSize: number;
  /** Space taken, in units of 512 bytes. */
  readonly blocks: number;
  readonly atime: Timespec;
  readonly mtime: Timespec;
  readonly ctime: Timespec;
  /** When it was made; absent where nobody recorded it. */
  readonly btime?: Timespec;
}

/** What chmod(2), chown(2), utimensat(2) change; ctime follows by itself. */
export interface AttributeChanges {
  /** Permissions, without the type. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly atime?: Timespec;
  readonly mtime?: Timespec;
}
