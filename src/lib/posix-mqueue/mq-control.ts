/** mq_notify(2) and mq_getsetattr(2). The order of checks is that of Linux ipc/mqueue.c. */
import { EBUSY, EINVAL, ENOTSOCK, Errno, type Result } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import { NOTIFY_COOKIE_BYTES } from "../../abi/mqueue.ts";
import { mqAttr } from "../../abi/riscv64/mqueue.ts";
import { type Sigevent, sigevent } from "../../abi/riscv64/siginfo.ts";
import { NSIG, SIGEV } from "../../abi/signal.ts";
import { S } from "../../abi/stat.ts";
import type { GuestPtr, Signo } from "../../abi/types.ts";
import { formatFields, structIn } from "../../kernel/struct-arg.ts";
import { syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { fdArg } from "../posix-fdtab/arguments.ts";
import { fileOf, kernelMessages } from "../posix-fdtab/index.ts";
import { mqAttrIn, mqAttrOut, queueFileOf } from "./mq-args.ts";
import { type Event, Notification } from "./notification.ts";

const sigeventArg = structIn(sigevent, ({ value, signo, notify }) =>
  formatFields({ sigev_value: `0x${value.toString(16)}`, sigev_signo: signo, sigev_notify: nameOf(notify) }),
);

function nameOf(notify: number): string {
  const [name] = Object.entries(SIGEV).find(([, value]) => value === notify) ?? [];
  return name === undefined ? `${notify}` : `SIGEV_${name}`;
}

export const mqNotify = syscall({
  name: "mq_notify",
  args: [fdArg, sigeventArg],
  support: "full",
  run(task, fd, at) {
    const wish = at === 0 ? undefined : task.mm.readStruct(at, sigevent);
    if (wish instanceof Errno) return wish;
    const event = wish === undefined ? undefined : eventOf(task, wish);
    if (event instanceof Errno) return event;
    const file = queueFileOf(task, fd);
    if (file instanceof Errno) return file;
    const { queue } = file;
    const { process } = task;
    if (event === undefined) {
      if (queue.notification?.owner === process) queue.cancelNotification();
      return 0;
    }
    if (queue.notification !== undefined) return EBUSY;
    queue.notification = new Notification(process, event);
    queue.used();
    return 0;
  },
});

function eventOf(task: Task, { notify, signo, value }: Sigevent): Result<Event> {
  switch (notify) {
    case SIGEV.NONE:
      return { kind: "none" };
    case SIGEV.SIGNAL:
      return signo >= 0 && signo <= NSIG ? { kind: "signal", signo: signo as Signo, value } : EINVAL;
    case SIGEV.THREAD:
      return threadEvent(task, signo, Number(value) as GuestPtr);
    default:
      return EINVAL;
  }
}

/** What the C library makes of SIGEV_THREAD: a socket in the place of the signal, and bytes to be sent through it. */
function threadEvent(task: Task, socket: number, cookieAt: GuestPtr): Result<Event> {
  const cookie = task.mm.read(cookieAt, NOTIFY_COOKIE_BYTES);
  if (cookie instanceof Errno) return cookie;
  const file = fileOf(task, socket);
  if (file instanceof Errno) return file;
  if (file.type !== S.IFSOCK) return ENOTSOCK;
  for (const senderTo of task.kernel.extensions(kernelMessages)) {
    const send = senderTo(file);
    if (send !== undefined) return { kind: "thread", send, cookie };
  }
  return EINVAL;
}

export const mqGetsetattr = syscall({
  name: "mq_getsetattr",
  args: [fdArg, mqAttrIn, mqAttrOut],
  support: "full",
  run(task, fd, newAt, oldAt) {
    const wanted = newAt === 0 ? undefined : task.mm.readStruct(newAt, mqAttr);
    if (wanted instanceof Errno) return wanted;
    // Flags have 64 bits.
    if (wanted !== undefined && wanted.flags !== 0 && wanted.flags !== O.NONBLOCK) return EINVAL;
    const file = queueFileOf(task, fd);
    if (file instanceof Errno) return file;
    const { queue } = file;
    const { maxMessages, messageSize, length: messages } = queue;
    const old = { flags: file.flags & O.NONBLOCK, maxMessages, messageSize, messages, reserved: NOTHING };
    if (wanted !== undefined) {
      file.flags = (file.flags & ~O.NONBLOCK) | wanted.flags;
      queue.used();
    }
    return oldAt === 0 ? 0 : task.mm.writeStruct(oldAt, mqAttr, old);
  },
});

const NOTHING: readonly number[] = [0, 0, 0, 0];
