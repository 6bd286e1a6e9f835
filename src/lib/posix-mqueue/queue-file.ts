import { EINVAL, type Result } from "../../abi/errno.ts";
import { SEEK } from "../../abi/fcntl.ts";
import { type ByteString, bytesOf } from "../../base/bytes.ts";
import type { Process } from "../../kernel/process.ts";
import type { Task } from "../../kernel/task.ts";
import { LocatedFile, type Location } from "../vfs/index.ts";
import type { Queue } from "./queue.ts";

/** What mq_open(2) answers: a descriptor of this. Reading it tells of the queue's state. */
export class QueueFile extends LocatedFile {
  readonly queue: Queue;

  constructor(process: Process, location: Location, flags: number, queue: Queue) {
    super(process, location, flags, queue.readiness);
    this.queue = queue;
    queue.held();
  }

  override get seekable(): boolean {
    return true;
  }

  /** A queue that was opened by its own call has a name and no path. */
  override describe(): ByteString {
    const { mount, dentry } = this.location;
    if (mount.over !== undefined) return super.describe();
    return `/${dentry.name}${this.queue.links === 0 ? " (deleted)" : ""}` as ByteString;
  }

  override poll(): number {
    return this.queue.poll();
  }

  /** mqueue_read_file */
  override read(_task: Task, into: Uint8Array, position: number): number {
    const { bytes, notification } = this.queue;
    const { kind, signo, owner } = notification?.shown ?? { kind: 0, signo: 0, owner: 0 };
    const text = `QSIZE:${pad(bytes, 10)} NOTIFY:${pad(kind, 5)} SIGNO:${pad(signo, 5)} NOTIFY_PID:${pad(owner, 6)}\n`;
    const part = bytesOf(text as ByteString).subarray(position, position + into.length);
    into.set(part);
    return part.length;
  }

  override seek(offset: number, whence: number): Result<number> {
    const from = whence === SEEK.SET ? 0 : whence === SEEK.CUR ? this.position : this.queue.size;
    const target = whence > SEEK.END ? -1 : from + offset;
    if (target < 0) return EINVAL;
    this.position = target;
    return target;
  }

  /** One of a process's descriptors was closed: it is not to be told any more. (mqueue_flush_file) */
  closedBy(process: Process): void {
    if (this.queue.notification?.owner === process) this.queue.cancelNotification();
  }

  protected override released(): void {
    this.queue.letGo();
    super.released();
  }
}

const pad = (value: number, width: number): string => `${value}`.padEnd(width);
