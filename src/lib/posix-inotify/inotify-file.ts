import { EAGAIN, EINVAL } from "../../abi/errno.ts";
import { IN_ALL_EVENTS, IN_EVENT, IN_LIMIT, IN_WATCH } from "../../abi/inotify.ts";
import { IOCTL } from "../../abi/ioctl.ts";
import { POLL_READABLE } from "../../abi/poll.ts";
import { inotifyEvent } from "../../abi/riscv64/inotify.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { type ByteString, bytesOf } from "../../base/bytes.ts";
import { roundUp } from "../../base/struct.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { AnonymousFile } from "../posix-fdtab/index.ts";
import type { Inode } from "../vfs/index.ts";
import { type Watch, watches } from "./watches.ts";

/** An event that waits to be read. */
export interface QueuedEvent {
  readonly wd: number;
  readonly mask: number;
  readonly cookie: number;
  /** "" if it is of what is watched itself. */
  readonly name: ByteString;
}

/** Instances of all users. */
export const instances = perKernel(() => new Set<InotifyFile>());

/** Flags of a watch that it keeps. */
const KEPT = IN_WATCH.EXCL_UNLINK | IN_WATCH.ONESHOT;

/** What inotify_init(2) answers: watches, and a queue of what they have seen. */
export class InotifyFile extends AnonymousFile {
  /** The user whose instance it is. */
  readonly user: number;
  private readonly kernel: Kernel;
  private readonly byNumber = new Map<number, Watch>();
  private readonly queue: QueuedEvent[] = [];
  /** Bytes that reading all of the queue takes. */
  private queued = 0;
  private nextNumber = 1;

  constructor(kernel: Kernel, flags: number, user: number) {
    super(kernel, flags, "inotify");
    this.flags = flags;
    this.kernel = kernel;
    this.user = user;
    kernel.get(instances).add(this);
  }

  override describe(): ByteString {
    return "anon_inode:inotify" as ByteString;
  }

  get watchCount(): number {
    return this.byNumber.size;
  }

  find(wd: number): Watch | undefined {
    return this.byNumber.get(wd);
  }

  watchOf(inode: Inode): Watch | undefined {
    for (const watch of this.kernel.get(watches).get(inode) ?? []) if (watch.instance === this) return watch;
    return undefined;
  }

  /** Watches something that the instance does not watch yet; answers the number of the watch. */
  add(inode: Inode, wanted: number): number {
    const all = this.kernel.get(watches);
    const watch = { instance: this, wd: this.nextNumber++, inode, mask: wanted & IN_ALL_EVENTS, flags: wanted & KEPT };
    const ofInode = all.get(inode) ?? new Set();
    all.set(inode, ofInode.add(watch));
    this.byNumber.set(watch.wd, watch);
    return watch.wd;
  }

  /** Changes what a watch is told of: to this, or with MASK_ADD to this too. */
  adjust(watch: Watch, wanted: number): void {
    const adds = (wanted & IN_WATCH.MASK_ADD) !== 0;
    watch.mask = (adds ? watch.mask : 0) | (wanted & IN_ALL_EVENTS);
    watch.flags = (adds ? watch.flags : 0) | (wanted & KEPT);
  }

  /** Ends a watch, and says so. Does nothing to one that has ended. */
  remove(watch: Watch): void {
    if (!this.forget(watch)) return;
    this.put({ wd: watch.wd, mask: IN_EVENT.IGNORED, cookie: 0, name: "" as ByteString });
  }

  /** Queues an event, unless it is the same as the one before; at the end of a full queue stands that there were more. */
  put(event: QueuedEvent): void {
    const last = this.queue.at(-1);
    if (last !== undefined && isSame(last, event)) return;
    if (this.queue.length > IN_LIMIT.QUEUED) return;
    const fits = this.queue.length < IN_LIMIT.QUEUED;
    const added = fits ? event : { wd: -1, mask: IN_EVENT.Q_OVERFLOW, cookie: 0, name: "" as ByteString };
    this.queue.push(added);
    this.queued += sizeOf(added);
    this.readiness.wake();
  }

  override poll(): number {
    return this.queue.length > 0 ? POLL_READABLE : 0;
  }

  /** As many events as fit; EINVAL if not even one does. */
  override read(_task: Task, into: Uint8Array): Answer {
    if (this.queue.length === 0) return EAGAIN;
    let used = 0;
    let taken = 0;
    for (const event of this.queue) {
      if (used + sizeOf(event) > into.length) break;
      writeEvent(into.subarray(used), event);
      used += sizeOf(event);
      taken++;
    }
    if (taken === 0) return EINVAL;
    this.queue.splice(0, taken);
    this.queued -= used;
    return used;
  }

  override ioctl(task: Task, request: number, argument: number): Answer {
    if (request !== IOCTL.FIONREAD) return super.ioctl(task, request, argument);
    return task.mm.writeU32(argument as GuestPtr, this.queued);
  }

  /** Lines of /proc/PID/fdinfo. (inotify_fdinfo) */
  override facts(): string {
    const hex = (value: number): string => (value >>> 0).toString(16);
    const lines = [...this.byNumber.values()].map(({ wd, inode, mask, flags }) => {
      const place = `ino:${hex(inode.number)} sdev:${hex(inode.fs.device)}`;
      return `inotify wd:${hex(wd)} ${place} mask:${hex(mask | flags)} ignored_mask:0 \n`;
    });
    return lines.join("");
  }

  protected override released(): void {
    for (const watch of this.byNumber.values()) this.forget(watch);
    this.kernel.get(instances).delete(this);
  }

  private forget(watch: Watch): boolean {
    const all = this.kernel.get(watches);
    const ofInode = all.get(watch.inode);
    ofInode?.delete(watch);
    if (ofInode?.size === 0) all.delete(watch.inode);
    return this.byNumber.delete(watch.wd);
  }
}

/** inotify_merge. Cookies do not matter. */
function isSame(a: QueuedEvent, b: QueuedEvent): boolean {
  return a.mask === b.mask && a.wd === b.wd && a.name === b.name && a.mask !== IN_EVENT.IGNORED;
}

/** Names end with a NUL, and are filled up with more to whole structs. */
function nameLength({ name }: QueuedEvent): number {
  return name === "" ? 0 : roundUp(name.length + 1, inotifyEvent.size);
}

function sizeOf(event: QueuedEvent): number {
  return inotifyEvent.size + nameLength(event);
}

function writeEvent(into: Uint8Array, event: QueuedEvent): void {
  const { wd, mask, cookie, name } = event;
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
  inotifyEvent.write(view, 0, { wd, mask: mask >>> 0, cookie, length: nameLength(event) });
  into.fill(0, inotifyEvent.size, sizeOf(event));
  into.set(bytesOf(name), inotifyEvent.size);
}
