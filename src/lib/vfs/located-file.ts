import { EFBIG, EINVAL, EIO, EISDIR, ENXIO, Errno, type Result } from "../../abi/errno.ts";
import { O, SEEK } from "../../abi/fcntl.ts";
import { IN } from "../../abi/inotify.ts";
import { RLIMIT } from "../../abi/resource.ts";
import type { Statfs } from "../../abi/riscv64/stat.ts";
import { SIG } from "../../abi/signal.ts";
import type { ByteString } from "../../base/bytes.ts";
import { resourceLimit } from "../../kernel/hooks.ts";
import { FileViews, type MappableFile } from "../../kernel/mm/mappable.ts";
import type { Process } from "../../kernel/process.ts";
import type { Task } from "../../kernel/task.ts";
import { type Answer, isBlocking, type WaitQueue } from "../../kernel/wait.ts";
import { chain } from "../posix-fdio/chain.ts";
import { type Attributes, OpenFile } from "../posix-fdtab/index.ts";
import { postSignal } from "../posix-signal/index.ts";
import type { Location } from "./dentry.ts";
import { tellFile, tellIfGone } from "./file-events.ts";
import { allocateInode, readInode, resizeInode, syncInode, writeInode } from "./file-views.ts";
import { shownPath } from "./fs-context.ts";
import type { Inode } from "./inode.ts";

/** The largest offset of a file: what a number holds exactly. */
export const MAX_FILE_SIZE = Number.MAX_SAFE_INTEGER;

/** An open file that a path leads to. */
export abstract class LocatedFile extends OpenFile {
  readonly location: Location;
  /** Whoever opened it: paths are shown as it sees them. */
  protected readonly process: Process;

  constructor(process: Process, location: Location, flags: number, readiness?: WaitQueue) {
    super(flags, readiness);
    this.process = process;
    this.location = location;
    this.inode.holders++;
  }

  /** True while an open must wait for the other side to be opened, as that of a FIFO does. */
  get waitsForPeer(): boolean {
    return false;
  }

  get inode(): Inode {
    return this.location.dentry.inode;
  }

  override get type(): number {
    return this.inode.type;
  }

  override get subject(): object {
    return this.inode;
  }

  override attributes(): Answer<Attributes> {
    return this.inode.attributes();
  }

  override describe(): ByteString {
    return shownPath(this.process, this.location);
  }

  override statfs(): Answer<Statfs> {
    return this.location.mount.fs.statfs();
  }

  /** Tells those who watch it what was done through this file. */
  protected tell(kind: number): void {
    tellFile(this.process.kernel, kind, this.location, true);
  }

  protected override released(): void {
    if ((this.flags & O.PATH) === 0) this.tell(this.writable ? IN.CLOSE_WRITE : IN.CLOSE_NOWRITE);
    this.inode.holders--;
    tellIfGone(this.process.kernel, this.inode);
  }
}

/** What O_PATH opens: a place, and nothing more. */
export class PathFile extends LocatedFile {}

/** An open regular file. */
export class RegularFile extends LocatedFile {
  override get seekable(): boolean {
    return true;
  }

  override get allowsDirect(): boolean {
    return true;
  }

  override get pollable(): boolean {
    return false;
  }

  override read(_task: Task, into: Uint8Array, position: number): Answer {
    return this.done(readInode(this.inode, into, position), IN.ACCESS);
  }

  override write(task: Task, from: Uint8Array, position: number): Answer {
    if (from.length === 0) return 0;
    const room = this.roomAt(task, position);
    if (room instanceof Errno) return room;
    const part = from.length > room ? from.subarray(0, room) : from;
    const written = this.done(writeInode(this.inode, part, position), IN.MODIFY);
    return this.flags & O.DSYNC ? chain(written, (count) => chain(this.sync(), () => count)) : written;
  }

  /** Tells of bytes that were moved. */
  private done(answer: Answer, kind: number): Answer {
    if (isBlocking(answer)) return chain(answer, (count) => this.done(count, kind));
    if (!(answer instanceof Errno) && answer > 0) this.tell(kind);
    return answer;
  }

  /** How much may be written from a position on (generic_write_checks). */
  private roomAt(task: Task, position: number): Result<number> {
    const limit = fileSizeLimit(task);
    if (position >= limit) {
      if (limit < MAX_FILE_SIZE) postSignal(task, { signo: SIG.XFSZ });
      return EFBIG;
    }
    return limit - position;
  }

  override endPosition(): Answer {
    return chain(this.inode.attributes(), ({ size }) => size);
  }

  override seek(offset: number, whence: number): Answer {
    if (whence === SEEK.SET) return this.moveTo(offset);
    if (whence === SEEK.CUR) return this.moveTo(this.position + offset);
    return chain(this.inode.attributes(), ({ size }): Answer => {
      if (whence === SEEK.END) return this.moveTo(size + offset);
      if (offset < 0 || offset >= size) return ENXIO;
      if (whence === SEEK.HOLE) return this.moveTo(this.inode.nextHole(offset, size));
      const data = this.inode.nextData(offset);
      return data >= size ? ENXIO : this.moveTo(data);
    });
  }

  private moveTo(position: number): Result<number> {
    if (position < 0 || position > MAX_FILE_SIZE) return EINVAL;
    this.position = position;
    return position;
  }

  override truncate(task: Task, size: number): Answer<0> {
    return chain(truncateInode(task, this.inode, size), () => {
      this.tell(IN.MODIFY);
      return 0;
    });
  }

  override allocate(task: Task, mode: number, offset: number, length: number): Answer<0> {
    if (offset + length > MAX_FILE_SIZE) return EFBIG;
    if (offset + length > fileSizeLimit(task)) return EFBIG;
    return chain(allocateInode(this.inode, mode, offset, length), () => {
      this.tell(IN.MODIFY);
      return 0;
    });
  }

  override sync(): Answer<0> {
    return syncInode(this.inode);
  }

  override mappable(): Result<MappableFile> {
    return mappableOf(this.inode, this.describe(), this.writable);
  }

  protected override released(): void {
    this.inode.closed(this.writable);
    super.released();
  }
}

/** RLIMIT_FSIZE, within what offsets can tell. */
function fileSizeLimit({ process }: Task): number {
  const [limit] = process.kernel.extensions(resourceLimit);
  return Math.min(limit?.(process, RLIMIT.FSIZE) ?? MAX_FILE_SIZE, MAX_FILE_SIZE);
}

/** Changes a file's size, which RLIMIT_FSIZE also bounds (inode_newsize_ok). */
export function truncateInode(task: Task, inode: Inode, size: number): Answer<0> {
  if (size > MAX_FILE_SIZE) return EFBIG;
  const limit = fileSizeLimit(task);
  if (limit === MAX_FILE_SIZE) return resizeInode(inode, size);
  return chain(inode.attributes(), (now) => {
    if (size <= now.size || size <= limit) return resizeInode(inode, size);
    postSignal(task, { signo: SIG.XFSZ });
    return EFBIG;
  });
}

/** A regular file as mmap(2) and the loader read it. */
export function mappableOf(inode: Inode, name: ByteString, writable: boolean): Result<MappableFile> {
  if (inode.mappedSize instanceof Errno) return inode.mappedSize;
  inode.views ??= new FileViews();
  return {
    name,
    inode: inode.number,
    device: inode.fs.device,
    views: inode.views,
    get size() {
      const size = inode.mappedSize;
      return size instanceof Errno ? 0 : size;
    },
    read: (offset, into) => now(inode.read(into, offset)),
    sync: () => now(inode.sync()),
    hold: () => inode.opened(writable) === 0,
    drop: () => inode.closed(writable),
    ...(writable ? { write: (offset: number, from: Uint8Array) => now(inode.write(from, offset)) } : {}),
    ...(inode.contentKey === undefined ? {} : { contentKey: () => inode.contentKey?.() }),
  };
}

/** A page that is not there yet cannot be waited for inside an access: to the program the disk failed. */
function now(answer: Answer): Result<number> {
  return isBlocking(answer) ? EIO : answer;
}

/** An open directory: read by getdents64(2). */
export class DirectoryFile extends LocatedFile {
  /** What was there when the reading began; rewinding looks again. */
  entries: readonly { readonly name: ByteString; readonly inode: number; readonly type: number }[] | undefined;

  override get pollable(): boolean {
    return false;
  }

  /** Positioned reads come as far as {@link read}. */
  override get seekable(): boolean {
    return true;
  }

  override read(): Answer {
    return EISDIR;
  }

  override seek(offset: number, whence: number): Answer {
    const target = whence === SEEK.SET ? offset : whence === SEEK.CUR ? this.position + offset : -1;
    if (target < 0) return EINVAL;
    if (target === 0) this.entries = undefined;
    this.position = target;
    return target;
  }

  override sync(): Answer<0> {
    return this.inode.sync();
  }
}
