/** A queue of messages, and who waits to send or to receive. (Linux ipc/msg.c) */
import { E2BIG, EIDRM, type Result } from "../../abi/errno.ts";
import { MSG_LIMIT } from "../../abi/ipc.ts";
import { rouse, type Waiting } from "../../kernel/in-line.ts";
import type { Process } from "../../kernel/process.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import { IpcObject, secondsNow } from "./ipc-object.ts";

export interface Message {
  readonly type: bigint;
  readonly text: Uint8Array;
}

/** Which messages msgrcv(2) takes: msgtyp and flags, parsed. (convert_mode) */
export type Selection =
  | { readonly kind: "any" }
  | { readonly kind: "equal" | "other" | "upTo"; readonly type: bigint }
  /** The message at a place in the queue (MSG_COPY). */
  | { readonly kind: "place"; readonly place: bigint };

/** Who waits until a message fits. */
export class Sender implements Waiting {
  readonly task: Task;
  readonly size: number;
  private readonly line: Set<Sender>;

  constructor(task: Task, size: number, line: Set<Sender>) {
    this.task = task;
    this.size = size;
    this.line = line;
  }

  withdraw(): void {
    this.line.delete(this);
  }
}

/** Who waits for a message; it gets one in hand. */
export class Receiver implements Waiting {
  readonly task: Task;
  readonly selection: Selection;
  /** What it takes at most; Infinity if it has the rest cut off. */
  readonly maximum: number;
  /** What it was given, or why it gets nothing; undefined while it waits, or is to look again itself. */
  outcome: Result<Message> | undefined;
  private readonly line: Set<Receiver>;

  constructor(task: Task, selection: Selection, maximum: number, line: Set<Receiver>) {
    this.task = task;
    this.selection = selection;
    this.maximum = maximum;
    this.line = line;
  }

  withdraw(): void {
    this.line.delete(this);
  }
}

/** Bytes of messages in all queues. */
export const queuedBytes = perKernel(() => ({ total: 0 }));

export class MessageQueue extends IpcObject {
  private readonly messages: Message[] = [];
  readonly senders = new Set<Sender>();
  readonly receivers = new Set<Receiver>();
  /** Bytes that fit. */
  capacity: number = MSG_LIMIT.MNB;
  /** Bytes that are in it. */
  bytes = 0;
  sentAt = 0;
  receivedAt = 0;
  lastSender = 0;
  lastReceiver = 0;

  get length(): number {
    return this.messages.length;
  }

  /** Whether a message of a size fits. Those without a byte count too. (msg_fits_inqueue) */
  fits(size: number): boolean {
    return size + this.bytes <= this.capacity && this.length + 1 <= this.capacity;
  }

  /** Hands a message to the first who waits for its like, or keeps it. (pipelined_send) */
  send({ pid }: Process, message: Message): void {
    this.lastSender = pid;
    this.sentAt = secondsNow(this.kernel);
    for (const receiver of this.receivers) {
      if (!matches(receiver.selection, message)) continue;
      receiver.withdraw();
      const fits = message.text.length <= receiver.maximum;
      if (fits) this.received(receiver.task.process);
      receiver.outcome = fits ? message : E2BIG;
      rouse(receiver);
      if (fits) return;
    }
    this.messages.push(message);
    this.count(message.text.length);
  }

  /** The message that a selection means now. (find_msg) */
  find(selection: Selection): Message | undefined {
    if (selection.kind === "place") return this.messages[Number(selection.place)];
    const first = this.messages.findIndex((message) => matches(selection, message));
    if (first < 0 || selection.kind !== "upTo") return this.messages[first];
    // Of the lowest type, the oldest.
    let lowest = this.messages[first]!;
    for (const message of this.messages) if (message.type < lowest.type) lowest = message;
    return lowest;
  }

  /** Takes a message out for a process, and lets those send that waited for room. */
  take(process: Process, message: Message): void {
    this.messages.splice(this.messages.indexOf(message), 1);
    this.count(-message.text.length);
    this.received(process);
    this.rouseSenders();
  }

  /** IPC_SET: who waits looks again whether it still may, and whether there is room. */
  reconsider(): void {
    for (const receiver of this.receivers) {
      receiver.withdraw();
      rouse(receiver);
    }
    this.rouseSenders();
  }

  override release(): void {
    this.count(-this.bytes);
    for (const receiver of this.receivers) {
      receiver.withdraw();
      receiver.outcome = EIDRM;
      rouse(receiver);
    }
    for (const sender of this.senders) {
      sender.withdraw();
      rouse(sender);
    }
  }

  private count(bytes: number): void {
    this.bytes += bytes;
    this.kernel.get(queuedBytes).total += bytes;
  }

  private received({ pid }: Process): void {
    this.lastReceiver = pid;
    this.receivedAt = secondsNow(this.kernel);
  }

  /** All whose message would fit by itself; they try in turn. Who is passed over goes to the end of the line. (ss_wakeup) */
  private rouseSenders(): void {
    const waiting = [...this.senders];
    for (const sender of waiting) {
      sender.withdraw();
      if (this.fits(sender.size)) rouse(sender);
      else this.senders.add(sender);
    }
  }
}

function matches(selection: Selection, { type }: Message): boolean {
  switch (selection.kind) {
    case "any":
      return true;
    case "equal":
      return type === selection.type;
    case "other":
      return type !== selection.type;
    case "upTo":
      return type <= selection.type;
    case "place":
      return false;
  }
}
