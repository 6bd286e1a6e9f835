/** A POSIX message queue: messages by priority, those who wait for them or for room, and who is told of the first. (Linux ipc/mqueue.c) */
import { MQ_PRIO_MAX } from "../../abi/mqueue.ts";
import { POLL_READABLE, POLL_WRITABLE } from "../../abi/poll.ts";
import { rouse, type Waiting } from "../../kernel/in-line.ts";
import type { Task } from "../../kernel/task.ts";
import { type Answer, WaitQueue } from "../../kernel/wait.ts";
import { RamInode } from "../fs-ram/index.ts";
import type { OpenFile } from "../posix-fdtab/index.ts";
import { effectivePriority } from "../posix-sched/index.ts";
import type { Location, NewNode } from "../vfs/index.ts";
import type { Notification } from "./notification.ts";
import { QueueFile } from "./queue-file.ts";
import type { QueueFileSystem } from "./queue-fs.ts";

export interface Message {
  readonly priority: number;
  readonly text: Uint8Array;
}

/** How large a queue is; both count from 1. */
export interface QueueSize {
  readonly maxMessages: number;
  readonly messageSize: number;
}

/** Who waits to send its message, or to be given one. (struct ext_wait_queue) */
export class MessageWaiter implements Waiting {
  readonly task: Task;
  readonly urgency: number;
  /** A sender's, until it is taken; a receiver's, once it has one. */
  message: Message | undefined;
  /** Whether the message went where it was to go. */
  served = false;
  private readonly line: MessageWaiter[];

  /** Stands behind those that are as urgent. (wq_add) */
  constructor(task: Task, line: MessageWaiter[], message?: Message) {
    this.task = task;
    this.urgency = effectivePriority(task);
    this.message = message;
    this.line = line;
    const behind = line.findIndex(({ urgency }) => urgency > this.urgency);
    line.splice(behind < 0 ? line.length : behind, 0, this);
  }

  withdraw(): void {
    const at = this.line.indexOf(this);
    if (at >= 0) this.line.splice(at, 1);
  }

  serve(message: Message | undefined): void {
    this.withdraw();
    this.message = message;
    this.served = true;
    rouse(this);
  }
}

/** What the kernel keeps for a message, and for a priority, whatever their size. (struct msg_msg, posix_msg_tree_node) */
const BYTES_OF_MESSAGE = 48;
const BYTES_OF_PRIORITY = 48;

/** Bytes that a queue counts for against RLIMIT_MSGQUEUE, as if it were full. */
export function footprint({ maxMessages, messageSize }: QueueSize): number {
  const priorities = Math.min(maxMessages, MQ_PRIO_MAX);
  return maxMessages * (messageSize + BYTES_OF_MESSAGE) + priorities * BYTES_OF_PRIORITY;
}

/** Bytes that stat(2) tells of (FILENT_SIZE). */
const TEXT_SIZE = 80;

export class Queue extends RamInode {
  override readonly fs: QueueFileSystem;
  readonly maxMessages: number;
  readonly messageSize: number;
  /** The user whose queue it is, whoever owns the file. */
  readonly user: number;
  readonly senders: MessageWaiter[] = [];
  readonly receivers: MessageWaiter[] = [];
  /** Told when a message comes into the empty queue that nobody waits for. */
  notification: Notification | undefined;
  readonly readiness = new WaitQueue();
  /** Bytes of all messages. */
  bytes = 0;
  private count = 0;
  private opens = 0;
  /** By descending priority, those of one priority in the order in which they came. */
  private readonly levels: { readonly priority: number; readonly messages: Message[] }[] = [];

  constructor(fs: QueueFileSystem, node: NewNode, user: number, { maxMessages, messageSize }: QueueSize) {
    super(fs, node);
    this.fs = fs;
    this.user = user;
    this.maxMessages = maxMessages;
    this.messageSize = messageSize;
  }

  get length(): number {
    return this.count;
  }

  override get size(): number {
    return TEXT_SIZE;
  }

  override open({ process }: Task, location: Location, flags: number): Answer<OpenFile> {
    return new QueueFile(process, location, flags, this);
  }

  poll(): number {
    return (this.count > 0 ? POLL_READABLE : 0) | (this.count < this.maxMessages ? POLL_WRITABLE : 0);
  }

  /** Hands a message to the first who waits, or puts it in, where there must be room. */
  send(task: Task, message: Message): void {
    const [receiver] = this.receivers;
    if (receiver !== undefined) receiver.serve(message);
    else {
      this.insert(message);
      this.notify(task);
    }
    this.used();
  }

  /** Takes the oldest message of the highest priority, and lets the first sender in; undefined if there is none. */
  receive(): Message | undefined {
    const [level] = this.levels;
    const message = level?.messages.shift();
    if (level === undefined || message === undefined) return undefined;
    if (level.messages.length === 0) this.levels.shift();
    this.count--;
    this.bytes -= message.text.length;
    this.used();
    const [sender] = this.senders;
    if (sender === undefined) this.readiness.wake();
    else {
      this.insert(sender.message!);
      sender.serve(undefined);
    }
    return message;
  }

  /** Who asked to be told will not be. (remove_notification) */
  cancelNotification(): void {
    this.notification?.cancel();
    this.notification = undefined;
    this.used();
  }

  /** Times tell of any use. */
  used(): void {
    const now = this.fs.now();
    this.atime = now;
    this.mtime = now;
    this.ctime = now;
  }

  held(): void {
    this.opens++;
  }

  letGo(): void {
    this.opens--;
    this.releaseUnnamed();
  }

  override unlinked(): void {
    super.unlinked();
    this.releaseUnnamed();
  }

  private insert(message: Message): void {
    const { priority } = message;
    const at = this.levels.findIndex((level) => level.priority <= priority);
    const level = this.levels[at];
    if (level?.priority === priority) level.messages.push(message);
    else this.levels.splice(at < 0 ? this.levels.length : at, 0, { priority, messages: [message] });
    this.count++;
    this.bytes += message.text.length;
  }

  /** __do_notify */
  private notify(sender: Task): void {
    if (this.count === 1) {
      this.notification?.tell(sender);
      this.notification = undefined;
    }
    this.readiness.wake();
  }

  private releaseUnnamed(): void {
    if (this.links === 0 && this.opens === 0) this.fs.forget(this);
  }
}
