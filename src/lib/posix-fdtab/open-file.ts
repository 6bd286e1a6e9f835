import { EINVAL, ENODEV, ENOTTY, EOPNOTSUPP, ESPIPE, type Result } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import { POLL_ALWAYS } from "../../abi/poll.ts";
import type { Statfs } from "../../abi/riscv64/stat.ts";
import { FS_MAGIC, S, ST } from "../../abi/stat.ts";
import type { Instant } from "../../abi/types.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { MappableFile } from "../../kernel/mm/mappable.ts";
import type { Task } from "../../kernel/task.ts";
import { type Answer, type Wait, WaitQueue } from "../../kernel/wait.ts";
import type { AttributeChanges, Attributes } from "./attributes.ts";

/** Something that must know when an open file goes away, such as an epoll registration. */
export interface Dependent {
  fileReleased(file: OpenFile): void;
}

/**
 * An open file description: what descriptors refer to, shared by dup(2) and fork(2). (struct file in linux/fs.h)
 *
 * Operations never wait for a peer: what cannot be done now is EAGAIN, and {@link readiness} is woken when that may have
 * changed; whether the caller sleeps meanwhile is the caller's affair. An operation that has to fetch something may answer
 * a sleep, and starts over if that is thrown away. What a file does not override it refuses, with the errno that Linux
 * gives for a file without that operation.
 */
export abstract class OpenFile {
  /** Access mode and status flags, as F_GETFL shows them. */
  flags: number;
  /** Where the next read or write goes, in files that have a position. */
  position = 0;
  /** Woken whenever {@link poll} may answer differently. */
  readonly readiness: WaitQueue;
  private wait: Wait | undefined;
  private holders = 0;
  private readonly dependents = new Set<Dependent>();

  /** @param readiness - a queue that others share, such as all readers of a pipe. */
  constructor(flags: number, readiness = new WaitQueue()) {
    // Of the flags that only matter at the open, this one has come as far as here (do_dentry_open).
    this.flags = flags & ~O.NOCTTY;
    this.readiness = readiness;
  }

  /** What somebody waits for who wants it to be ready. */
  get untilReady(): Wait {
    this.wait ??= { on: [this.readiness] };
    return this.wait;
  }

  // O_RDONLY, O_WRONLY, O_RDWR plus one are bits; the fourth access mode allows neither (OPEN_FMODE in linux/fs.h).
  get readable(): boolean {
    return ((this.flags + 1) & 1) !== 0 && (this.flags & O.PATH) === 0;
  }

  get writable(): boolean {
    return (((this.flags & O.ACCMODE) + 1) & 2) !== 0 && (this.flags & O.PATH) === 0;
  }

  /** True if writes succeed without a look at the bytes, so that not even their address matters (write_null). */
  get swallows(): boolean {
    return false;
  }

  get nonBlocking(): boolean {
    return (this.flags & O.NONBLOCK) !== 0;
  }

  /** Whether it has a position: then pread(2) and lseek(2) work. */
  get seekable(): boolean {
    return false;
  }

  /** Whether O_DIRECT can be set on it. */
  get allowsDirect(): boolean {
    return false;
  }

  /** What kind of file it is: a type of S.IFMT, or 0 for what is none of them, such as an event counter. */
  abstract readonly type: number;

  /** What it is a description of: the same object for two opens of one file. Record locks are by it. */
  get subject(): object {
    return this;
  }

  abstract attributes(): Answer<Attributes>;

  /** Changes attributes: of files that have an inode of their own. */
  change(_changes: AttributeChanges): Answer<0> {
    return EOPNOTSUPP;
  }

  /** What /proc/self/fd shows: a path, or such as "pipe:[7]". */
  abstract describe(): ByteString;

  /** Lines of /proc/PID/fdinfo beside those that all files have. */
  facts(): string {
    return "";
  }

  /** Reads at a position (ignored by files without one): the number of bytes, 0 at the end. `into` is guest memory. */
  read(_task: Task, _into: Uint8Array, _position: number): Answer {
    return EINVAL;
  }

  /** Writes some of the bytes or all; those of a stream that takes only part of them now are offered again. */
  write(_task: Task, _from: Uint8Array, _position: number): Answer {
    return EINVAL;
  }

  /** Where a write in append mode goes. */
  endPosition(): Answer {
    return this.position;
  }

  /** Until when a reader that got EAGAIN may sleep at most; when it has passed, {@link read} answers otherwise. */
  readDeadline(): Instant | undefined {
    return undefined;
  }

  /** How long a transfer may sleep at most before it answers EAGAIN (SO_RCVTIMEO); undefined is for ever. Nanoseconds. */
  patienceNs(_direction: "read" | "write"): number | undefined {
    return undefined;
  }

  /** Whether a write that finds nobody left to read raises SIGPIPE. */
  get signalsBrokenPipe(): boolean {
    return true;
  }

  /** lseek(2): moves {@link position} and answers it. */
  seek(_offset: number, _whence: number): Answer {
    return ESPIPE;
  }

  /** Ready for what: POLL_* bits. */
  poll(): number {
    return POLL_ALWAYS;
  }

  /** Whether O_ASYNC on it means signals: pipes, sockets and terminals (those with a fasync operation). */
  get signalsReadiness(): boolean {
    return false;
  }

  /** Whether epoll(7) takes it: only files whose readiness changes. */
  get pollable(): boolean {
    return true;
  }

  ioctl(_task: Task, _request: number, _argument: number): Answer {
    return ENOTTY;
  }

  truncate(_task: Task, _size: number): Answer<0> {
    return EINVAL;
  }

  /** fallocate(2) */
  allocate(_task: Task, _mode: number, _offset: number, _length: number): Answer<0> {
    return ENODEV;
  }

  /** Brings what was written to where it lasts. */
  sync(): Answer<0> {
    return EINVAL;
  }

  /** statfs(2) of files that no path leads to tells where they come from (simple_statfs in fs/libfs.c). */
  statfs(): Answer<Statfs> {
    const magic = this.type === S.IFIFO ? FS_MAGIC.PIPE : this.type === S.IFSOCK ? FS_MAGIC.SOCK : FS_MAGIC.ANON_INODE;
    return {
      type: magic,
      bsize: 4096,
      blocks: 0,
      bfree: 0,
      bavail: 0,
      files: 0,
      ffree: 0,
      fsid: [0, 0],
      namelen: 255,
      frsize: 4096,
      flags: ST.VALID,
      spare: [0, 0, 0, 0],
    };
  }

  /** The file as mmap(2) maps it. */
  mappable(): Result<MappableFile> {
    return ENODEV;
  }

  /** The last holder let go. */
  protected released(): void {}

  /** Takes part in holding it open: one descriptor, one user. */
  /** How many hold it. */
  get references(): number {
    return this.holders;
  }

  hold(): this {
    this.holders++;
    return this;
  }

  /** Lets go; the last one releases what the file holds. */
  drop(): void {
    if (--this.holders > 0) return;
    for (const dependent of this.dependents) dependent.fileReleased(this);
    this.released();
  }

  addDependent(dependent: Dependent): void {
    this.dependents.add(dependent);
  }

  removeDependent(dependent: Dependent): void {
    this.dependents.delete(dependent);
  }
}
