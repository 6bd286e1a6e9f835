/** msgget(2), msgsnd(2) and msgrcv(2). The order of checks is that of Linux ipc/msg.c. */
import {
  E2BIG,
  EAGAIN,
  EFAULT,
  EIDRM,
  EINVAL,
  ENOMEM,
  ENOMSG,
  ERESTARTNOHAND,
  Errno,
  type Result,
} from "../../abi/errno.ts";
import { IPC, MSG_LIMIT, MSG_RECEIVE } from "../../abi/ipc.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { bits64 } from "../../base/struct.ts";
import { sleepInLine } from "../../kernel/in-line.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { CallAnswer, WakeReason } from "../../kernel/wait.ts";
import { Identifiers } from "./identifiers.ts";
import { keyArg, makeFlagsArg } from "./ipc-args.ts";
import { checkUse, MAY } from "./ipc-object.ts";
import { type Message, MessageQueue, queuedBytes, Receiver, type Selection, Sender } from "./message-queue.ts";

export const messageQueues = perKernel(() => new Identifiers<MessageQueue>());

export const msgget = syscall({
  name: "msgget",
  args: [keyArg, makeFlagsArg()],
  support: "full",
  run: ({ kernel, process }, key, flags) =>
    kernel.get(messageQueues).get(process, {
      key,
      flags,
      limit: MSG_LIMIT.MNI,
      make: () => new MessageQueue(process, key, flags),
      check: () => undefined,
    }),
});

/** Bytes of mtype, behind which a message's text lies. */
const TYPE_BYTES = bits64.size;

/** What a sender keeps while it sleeps. */
interface SendState {
  readonly queue: MessageQueue;
  readonly message: Message;
  readonly sender: Sender;
}

export const msgsnd = syscall({
  name: "msgsnd",
  args: [arg.i32, arg.ptr(), arg.i64, arg.flags({ IPC_NOWAIT: IPC.NOWAIT }, "")],
  support: "full",
  run(task, id, at, size, flags) {
    const type = task.mm.readStruct(at as GuestPtr<bigint>, bits64);
    if (type instanceof Errno) return type;
    if (size > MSG_LIMIT.MAX || size < 0 || id < 0) return EINVAL;
    if (BigInt.asIntN(64, type) < 1n) return EINVAL;
    const text = task.mm.read((at + TYPE_BYTES) as GuestPtr, size);
    if (text instanceof Errno) return text;
    const queue = task.kernel.get(messageQueues).find(id);
    return queue instanceof Errno ? queue : send(task, queue, { type, text }, (flags & IPC.NOWAIT) === 0);
  },
  restart(task, { queue, message, sender }: SendState, reason?: WakeReason) {
    sender.withdraw();
    if (queue.removed) return EIDRM;
    return reason === "signal" ? ERESTARTNOHAND : send(task, queue, message, true);
  },
});

function send(task: Task, queue: MessageQueue, message: Message, waits: boolean): CallAnswer {
  const { kernel, process } = task;
  const size = message.text.length;
  const refused = checkUse(process, queue, MAY.WRITE);
  if (refused !== undefined) return refused;
  if (kernel.get(queuedBytes).total + size > kernel.limits.memoryBytes) return ENOMEM;
  if (queue.fits(size)) {
    queue.send(process, message);
    return 0;
  }
  if (!waits) return EAGAIN;
  const sender = new Sender(task, size, queue.senders);
  queue.senders.add(sender);
  const state: SendState = { queue, message, sender };
  task.restart = state;
  return sleepInLine(sender);
}

/** Where a message goes that is received. */
interface Destination {
  readonly at: GuestPtr;
  readonly size: number;
  readonly flags: number;
}

/** What a receiver keeps while it sleeps. */
interface ReceiveState {
  readonly queue: MessageQueue;
  readonly to: Destination;
  readonly receiver: Receiver;
}

const A3 = 13;

export const msgrcv = syscall({
  name: "msgrcv",
  args: [arg.i32, arg.ptr(), arg.i64, arg.i64, arg.flags({ IPC_NOWAIT: IPC.NOWAIT, ...prefixed() }, "")],
  support: "full",
  run(task, id, at, size, _type, flags) {
    if (id < 0 || size < 0) return EINVAL;
    const waits = (flags & IPC.NOWAIT) === 0;
    if ((flags & MSG_RECEIVE.COPY) !== 0 && ((flags & MSG_RECEIVE.EXCEPT) !== 0 || waits)) return EINVAL;
    const queue = task.kernel.get(messageQueues).find(id);
    if (queue instanceof Errno) return queue;
    // All 64 bits of a type count.
    return receive(task, queue, select(BigInt.asIntN(64, task.x(A3)), flags), { at, size, flags });
  },
  restart(task, { queue, to, receiver }: ReceiveState, reason?: WakeReason) {
    const { outcome, selection } = receiver;
    if (outcome instanceof Errno) return outcome;
    if (outcome !== undefined) return deliver(task, to, outcome);
    receiver.withdraw();
    return reason === "signal" ? ERESTARTNOHAND : receive(task, queue, selection, to);
  },
});

function prefixed(): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(MSG_RECEIVE).map(([name, bit]) => [`MSG_${name}`, bit]));
}

const LONG_MIN = -(2n ** 63n);
const LONG_MAX = 2n ** 63n - 1n;

/** convert_mode */
function select(type: bigint, flags: number): Selection {
  if ((flags & MSG_RECEIVE.COPY) !== 0) return { kind: "place", place: type };
  if (type === 0n) return { kind: "any" };
  if (type < 0n) return { kind: "upTo", type: type === LONG_MIN ? LONG_MAX : -type };
  return { kind: (flags & MSG_RECEIVE.EXCEPT) !== 0 ? "other" : "equal", type };
}

function receive(task: Task, queue: MessageQueue, selection: Selection, to: Destination): CallAnswer {
  const { process } = task;
  const refused = checkUse(process, queue, MAY.READ);
  if (refused !== undefined) return refused;
  const cuts = (to.flags & MSG_RECEIVE.NOERROR) !== 0;
  const found = queue.find(selection);
  if (found !== undefined) {
    const isWhole = to.size >= found.text.length;
    if (!isWhole && !cuts) return E2BIG;
    if (selection.kind !== "place") queue.take(process, found);
    else if (!isWhole) return EINVAL;
    return deliver(task, to, found);
  }
  if ((to.flags & IPC.NOWAIT) !== 0) return ENOMSG;
  const receiver = new Receiver(task, selection, cuts ? Number.POSITIVE_INFINITY : to.size, queue.receivers);
  queue.receivers.add(receiver);
  const state: ReceiveState = { queue, to, receiver };
  task.restart = state;
  return sleepInLine(receiver);
}

/** A message that cannot be written is lost. (do_msg_fill) */
function deliver({ mm }: Task, { at, size }: Destination, { type, text }: Message): Result<number> {
  if (mm.writeStruct(at as GuestPtr<bigint>, bits64, type) !== 0) return EFAULT;
  const part = text.subarray(0, size);
  return mm.write((at + TYPE_BYTES) as GuestPtr, part) === 0 ? part.length : EFAULT;
}
