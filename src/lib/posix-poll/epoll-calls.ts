/** epoll_create1(2), epoll_ctl(2), epoll_pwait(2), epoll_pwait2(2). Order of checks: fs/eventpoll.c. */
import { EBADF, EFAULT, EINTR, EINVAL, EPERM, Errno, type Result } from "../../abi/errno.ts";
import { EPOLL, EPOLL_CTL, EPOLL_MODE, POLL } from "../../abi/poll.ts";
import { epollEventLayout } from "../../abi/riscv64/epoll.ts";
import type { Fd, GuestPtr } from "../../abi/types.ts";
import { formatFields, structIn } from "../../kernel/struct-arg.ts";
import { type Arg, arg, formatFlags, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer, WaitQueue } from "../../kernel/wait.ts";
import { fdArg } from "../posix-fdtab/arguments.ts";
import { fileOf, installFd } from "../posix-fdtab/index.ts";
import { sigsetIn, sizeArg } from "../posix-signal/signal-args.ts";
import { instantAfter, timespecIn } from "../posix-time/index.ts";
import { Epoll, type EpollEvent } from "./epoll.ts";
import { beginMask, type Deadline, readTimeout, refuse, sleepForAny, type Waiting, waitForAny } from "./wait.ts";

const EVENT_NAMES = { ...POLL, ...EPOLL_MODE } as const;

const formatEvent = ({ events, data }: EpollEvent): string =>
  formatFields({ events: formatFlags(events, EVENT_NAMES, "EPOLL"), data: `0x${data.toString(16)}` });

export const epollCreate1 = syscall({
  name: "epoll_create1",
  args: [arg.flags(EPOLL, "EPOLL_")],
  support: "full",
  run({ process, kernel }, flags) {
    if (flags & ~EPOLL.CLOEXEC) return EINVAL;
    return installFd(process, new Epoll(kernel), flags);
  },
});

export const epollCtl = syscall({
  name: "epoll_ctl",
  args: [fdArg, arg.name(EPOLL_CTL, "EPOLL_CTL_"), fdArg, structIn(epollEventLayout, formatEvent)],
  support: "full",
  run(task, epollFd, operation, fd, at) {
    const event = operation === EPOLL_CTL.DEL ? NO_EVENT : task.mm.readStruct(at, epollEventLayout);
    if (event instanceof Errno) return event;
    const epoll = fileOf(task, epollFd);
    if (epoll instanceof Errno) return EBADF;
    const file = fileOf(task, fd);
    if (file instanceof Errno) return EBADF;
    if (!file.pollable) return EPERM;
    if (file === epoll || !(epoll instanceof Epoll)) return EINVAL;
    if (event.events & EPOLL_MODE.EXCLUSIVE && !mayBeExclusive(operation, event.events, file)) return EINVAL;
    switch (operation) {
      case EPOLL_CTL.ADD:
        return epoll.add(file, fd, event);
      case EPOLL_CTL.MOD:
        return epoll.modify(file, fd, event);
      case EPOLL_CTL.DEL:
        return epoll.delete(file, fd);
      default:
        return EINVAL;
    }
  },
});

const NO_EVENT: EpollEvent = { events: 0, data: 0n };

const EXCLUSIVE_WITH =
  POLL.IN | POLL.OUT | POLL.ERR | POLL.HUP | EPOLL_MODE.WAKEUP | EPOLL_MODE.ET | EPOLL_MODE.EXCLUSIVE;

function mayBeExclusive(operation: number, events: number, file: unknown): boolean {
  return operation === EPOLL_CTL.ADD && !(file instanceof Epoll) && !(events & ~EXCLUSIVE_WITH);
}

/** The most events that fit in what a size can tell (EP_MAX_EVENTS). */
const MAX_EVENTS = Math.floor(0x7fff_ffff / epollEventLayout.size);

/** An epoll_pwait on its way. */
class EpollWait implements Waiting {
  readonly deadline: Deadline;
  readonly interrupted = EINTR;
  readonly timeoutAt = 0 as GuestPtr;
  private readonly epoll: Epoll;
  private readonly at: number;
  private readonly maximum: number;

  constructor(epoll: Epoll, at: number, maximum: number, deadline: Deadline) {
    this.epoll = epoll;
    this.at = at;
    this.maximum = maximum;
    this.deadline = deadline;
  }

  scan(): number {
    return this.epoll.poll() === 0 ? 0 : 1;
  }

  queues(): readonly WaitQueue[] {
    return [this.epoll.readiness];
  }

  finish(task: Task, count: number): Result<number> {
    if (count === 0) return 0;
    const events = this.epoll.harvest(this.maximum);
    for (const [index, event] of events.entries()) {
      const slot = (this.at + index * epollEventLayout.size) as GuestPtr<EpollEvent>;
      if (task.mm.writeStruct(slot, epollEventLayout, event) instanceof Errno) return index === 0 ? EFAULT : index;
    }
    return events.length;
  }
}

const eventsArg: Arg<GuestPtr> = {
  decode: "u64",
  format(at, { task, result }) {
    if (result === undefined) return arg.ptr().format(at, undefined as never);
    const events = Array.from({ length: result }, (_, i) =>
      task.mm.readStruct((at + i * epollEventLayout.size) as GuestPtr<EpollEvent>, epollEventLayout),
    );
    return `[${events.map((event) => (event instanceof Errno ? "?" : formatEvent(event))).join(", ")}]`;
  },
  output: true,
};

function wait(task: Task, fd: Fd, at: GuestPtr, maximum: number, deadline: Deadline): Answer {
  const epoll = fileOf(task, fd);
  if (epoll instanceof Errno) return refuse(task, epoll);
  if (maximum <= 0 || maximum > MAX_EVENTS) return refuse(task, EINVAL);
  if (!(epoll instanceof Epoll)) return refuse(task, EINVAL);
  return waitForAny(task, new EpollWait(epoll, at, maximum, deadline));
}

export const epollPwait = syscall({
  name: "epoll_pwait",
  args: [fdArg, eventsArg, arg.i32, arg.i32, sigsetIn, sizeArg],
  support: "full",
  run(task, fd, at, maximum, timeoutMs, maskAt, maskSize) {
    const refused = beginMask(task, maskAt, maskSize);
    if (refused !== undefined) return refused;
    const deadline = timeoutMs < 0 ? undefined : instantAfter(task.kernel, timeoutMs * 1_000_000);
    return wait(task, fd, at, maximum, deadline);
  },
  restart: sleepForAny,
});

export const epollPwait2 = syscall({
  name: "epoll_pwait2",
  args: [fdArg, eventsArg, arg.i32, timespecIn, sigsetIn, sizeArg],
  support: "full",
  run(task, fd, at, maximum, timeoutAt, maskAt, maskSize) {
    const deadline = readTimeout(task, timeoutAt);
    if (deadline instanceof Errno) return deadline;
    const refused = beginMask(task, maskAt, maskSize);
    return refused ?? wait(task, fd, at, maximum, deadline);
  },
  restart: sleepForAny,
});
