import { S } from "../../abi/stat.ts";
import type { Timespec } from "../../abi/types.ts";
import type { AttributeChanges, Attributes } from "../posix-fdtab/index.ts";
import { Inode } from "../vfs/index.ts";
import type { RamFileSystem } from "./ram-fs.ts";

/** What is the same in all inodes in memory; they are their own attributes. */
export abstract class RamInode extends Inode implements Attributes {
  readonly fs: RamFileSystem;
  readonly number: number;
  readonly type: number;
  mode: number;
  uid: number;
  gid: number;
  links = 1;
  atime: Timespec;
  mtime: Timespec;
  ctime: Timespec;
  readonly btime: Timespec;

  constructor(
    fs: RamFileSystem,
    node: { readonly mode: number; readonly uid: number; readonly gid: number },
    time?: Timespec,
  ) {
    super();
    this.fs = fs;
    this.number = fs.nextInode();
    this.type = node.mode & S.IFMT;
    this.mode = node.mode;
    this.uid = node.uid;
    this.gid = node.gid;
    const born = time ?? fs.now();
    this.atime = born;
    this.mtime = born;
    this.ctime = born;
    this.btime = born;
  }

  get device(): number {
    return this.fs.device;
  }

  get inode(): number {
    return this.number;
  }

  get rdev(): number {
    return 0;
  }

  get size(): number {
    return 0;
  }

  get blockSize(): number {
    return 4096;
  }

  get blocks(): number {
    return 0;
  }

  override attributes(): Attributes {
    return this;
  }

  override change({ mode, uid, gid, atime, mtime }: AttributeChanges): 0 {
    if (mode !== undefined) this.mode = this.type | mode;
    if (uid !== undefined) this.uid = uid;
    if (gid !== undefined) this.gid = gid;
    if (atime !== undefined) this.atime = atime;
    if (mtime !== undefined) this.mtime = mtime;
    this.ctime = this.fs.stamp(this);
    return 0;
  }

  /** The contents changed. */
  touch(): void {
    this.mtime = this.fs.stamp(this);
    this.ctime = this.mtime;
  }

  /** The contents were read: the time moves only if it says something new (relatime in mount(8)). */
  protected accessed(): void {
    const { atime } = this;
    const unread = !isBefore(this.mtime, atime) || !isBefore(this.ctime, atime);
    if (unread || this.fs.lastTime.seconds - atime.seconds >= DAY) this.atime = this.fs.stamp(this);
  }

  /** One name fewer. */
  unlinked(): void {
    this.links--;
    this.ctime = this.fs.stamp(this);
  }
}

const DAY = 86400;

function isBefore(a: Timespec, b: Timespec): boolean {
  return a.seconds < b.seconds || (a.seconds === b.seconds && a.nanoseconds < b.nanoseconds);
}
