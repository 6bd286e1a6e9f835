/** mq_timedsend(2) and mq_timedreceive(2). The order of checks is that of Linux ipc/mqueue.c. */
import {
  EAGAIN,
  EBADF,
  EFAULT,
  EINVAL,
  EMSGSIZE,
  ERESTARTSYS,
  Errno,
  ETIMEDOUT,
  type Result,
} from "../../abi/errno.ts";
import { MQ_PRIO_MAX } from "../../abi/mqueue.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { sleepInLine } from "../../kernel/in-line.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { CallAnswer, WakeReason } from "../../kernel/wait.ts";
import { fdArg } from "../posix-fdtab/arguments.ts";
import { type Deadline, hasPassed, readDeadline, timespecIn, wakeTime } from "../posix-time/index.ts";
import { queueFileOf } from "./mq-args.ts";
import { type Message, MessageWaiter } from "./queue.ts";

/** Where a received message goes. */
interface Destination {
  readonly at: GuestPtr;
  /** 0 if nobody wants to know. */
  readonly priorityAt: GuestPtr;
}

/** What a sleep keeps; `to` is a receiver's. After a signal the call is made again: its deadline is absolute. */
interface State {
  readonly waiter: MessageWaiter;
  readonly deadline: Deadline | undefined;
  readonly to: Destination | undefined;
}

export const mqTimedsend = syscall({
  name: "mq_timedsend",
  args: [fdArg, arg.input(2), arg.u64, arg.u32, timespecIn],
  support: "full",
  run(task, fd, at, length, priority, timeoutAt) {
    const deadline = readDeadline(task, timeoutAt, "realtime");
    if (deadline instanceof Errno) return deadline;
    if (priority >= MQ_PRIO_MAX) return EINVAL;
    const file = queueFileOf(task, fd);
    if (file instanceof Errno) return file;
    if (!file.writable) return EBADF;
    const { queue } = file;
    if (length > queue.messageSize) return EMSGSIZE;
    const text = task.mm.read(at, length);
    if (text instanceof Errno) return text;
    const message: Message = { priority, text };
    if (queue.length < queue.maxMessages) {
      queue.send(task, message);
      return 0;
    }
    if (file.nonBlocking) return EAGAIN;
    return sleep(task, { waiter: new MessageWaiter(task, queue.senders, message), deadline, to: undefined });
  },
  restart: goOn,
});

export const mqTimedreceive = syscall({
  name: "mq_timedreceive",
  args: [fdArg, arg.output, arg.u64, arg.ptr<"u32">(), timespecIn],
  support: "full",
  run(task, fd, at, length, priorityAt, timeoutAt) {
    const deadline = readDeadline(task, timeoutAt, "realtime");
    if (deadline instanceof Errno) return deadline;
    const file = queueFileOf(task, fd);
    if (file instanceof Errno) return file;
    if (!file.readable) return EBADF;
    const { queue } = file;
    if (length < queue.messageSize) return EMSGSIZE;
    const to = { at, priorityAt };
    const message = queue.receive();
    if (message !== undefined) return deliver(task, to, message);
    if (file.nonBlocking) return EAGAIN;
    return sleep(task, { waiter: new MessageWaiter(task, queue.receivers), deadline, to });
  },
  restart: goOn,
});

function sleep(task: Task, state: State): CallAnswer {
  task.restart = state;
  return sleepInLine(state.waiter, wakeTime(task.kernel, state.deadline));
}

function goOn(task: Task, state: State, reason?: WakeReason): CallAnswer {
  const { waiter, deadline, to } = state;
  if (waiter.served) return to === undefined ? 0 : deliver(task, to, waiter.message!);
  const over = reason === "timeout" && hasPassed(task.kernel, deadline);
  if (!over && reason !== "signal") return sleep(task, state);
  waiter.withdraw();
  return over ? ETIMEDOUT : ERESTARTSYS;
}

/** A message that cannot be written is lost. */
function deliver({ mm }: Task, { at, priorityAt }: Destination, { priority, text }: Message): Result<number> {
  if (priorityAt !== 0 && mm.writeU32(priorityAt, priority) !== 0) return EFAULT;
  return mm.write(at, text) === 0 ? text.length : EFAULT;
}
