/** timer_create(2) and the calls on such timers (Linux kernel/time/posix-timers.c). */
import { EAGAIN, EINVAL, EOPNOTSUPP, Errno, type Result } from "../../abi/errno.ts";
import { RLIMIT } from "../../abi/resource.ts";
import { type Sigevent, sigevent } from "../../abi/riscv64/siginfo.ts";
import { type Itimerspec, itimerspec, timerId } from "../../abi/riscv64/time.ts";
import { isSignal, SIG, SIGEV, signalName } from "../../abi/signal.ts";
import { TIMER } from "../../abi/time.ts";
import type { Tid } from "../../abi/types.ts";
import { formatFields, structIn, structOut } from "../../kernel/struct-arg.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { softLimit } from "../posix-process/index.ts";
import {
  clockArg,
  clockOf,
  instantOf,
  isValidTimespec,
  itimerspecIn,
  itimerspecOut,
  nanosecondsOf,
  timespecOf,
} from "../posix-time/index.ts";
import { type Notification, PosixTimer, timerTable } from "./posix-timer.ts";

const notifyArg = arg.name(SIGEV, "SIGEV_");

const sigeventIn = structIn(sigevent, ({ value, signo, notify }, context) =>
  formatFields({
    sigev_value: `{sival_int=${BigInt.asIntN(32, value)}, sival_ptr=0x${value.toString(16)}}`,
    sigev_signo: signalName(signo),
    sigev_notify: notifyArg.format(notify, context),
  }),
);

const idOut = structOut(timerId, (id) => `[${id}]`);

export const timerCreate = syscall({
  name: "timer_create",
  args: [clockArg, sigeventIn, idOut],
  support: "full",
  run(task, clockId, eventAt, idAt) {
    const event = eventAt === 0 ? undefined : task.mm.readStruct(eventAt, sigevent);
    if (event instanceof Errno) return event;
    const clock = clockOf(task, clockId);
    // Ids below 0, and whether a device can wake the machine, are looked into last.
    if (clock instanceof Errno && clockId >= 0) return clock;
    const isAlarm = !(clock instanceof Errno) && clock.kind !== "cpu" && clock.alarm;
    if (!(clock instanceof Errno) && clock.kind !== "cpu" && !clock.sleeps && !isAlarm) return EOPNOTSUPP;
    const table = task.process.get(timerTable);
    if (table.timers.size >= softLimit(task.process, RLIMIT.SIGPENDING)) return EAGAIN;
    const id = table.nextId;
    const notification = parseEvent(task, event, id);
    if (notification instanceof Errno) return notification;
    const written = task.mm.writeStruct(idAt, timerId, id);
    if (written instanceof Errno) return written;
    if (clock instanceof Errno) return clock;
    if (isAlarm) return EOPNOTSUPP;
    table.nextId = (id + 1) & 0x7fff_ffff;
    table.timers.set(id, new PosixTimer(task.process, id, clock, notification));
    return 0;
  },
});

/** Without a sigevent: SIGALRM with the id as value. (good_sigevent) */
function parseEvent(task: Task, event: Sigevent | undefined, id: number): Result<Notification> {
  if (event === undefined) return { kind: "signal", signo: SIG.ALRM, to: task.process, value: BigInt(id) };
  const { notify, signo, value, tid } = event;
  const target = notify === SIGEV.THREAD_ID ? task.kernel.tasks.get(tid as Tid) : task.process;
  switch (notify) {
    case SIGEV.NONE:
      return { kind: "none" };
    case SIGEV.THREAD_ID:
    case SIGEV.SIGNAL:
    case SIGEV.THREAD:
      if (target === undefined || ("process" in target && target.process !== task.process)) return EINVAL;
      return isSignal(signo) ? { kind: "signal", signo, to: target, value } : EINVAL;
    default:
      return EINVAL;
  }
}

function timerOf(task: Task, id: number): Result<PosixTimer> {
  return task.process.get(timerTable).timers.get(id) ?? EINVAL;
}

export const timerSettime = syscall({
  name: "timer_settime",
  args: [arg.i32, arg.flags(TIMER, "TIMER_"), itimerspecIn, itimerspecOut],
  support: "full",
  run(task, id, flags, wantedAt, oldAt) {
    if (wantedAt === 0) return EINVAL;
    const wanted = task.mm.readStruct(wantedAt, itimerspec);
    if (wanted instanceof Errno) return wanted;
    if (!isValidTimespec(wanted.interval) || !isValidTimespec(wanted.value)) return EINVAL;
    const timer = timerOf(task, id);
    if (timer instanceof Errno) return timer;
    const old = report(timer);
    timer.set(dueAt(task, timer, wanted, (flags & TIMER.ABSTIME) !== 0), nanosecondsOf(wanted.interval));
    return oldAt === 0 ? 0 : task.mm.writeStruct(oldAt, itimerspec, old);
  },
});

/** When it is to expire, on the clock that it counts on; undefined if the value is zero. */
function dueAt({ kernel }: Task, timer: PosixTimer, { value }: Itimerspec, absolute: boolean): number | undefined {
  const ns = nanosecondsOf(value);
  if (ns === 0) return undefined;
  if (!absolute) return timer.reading + ns;
  return timer.clock.kind === "cpu" ? ns : instantOf(kernel, timer.clock, value);
}

export const timerGettime = syscall({
  name: "timer_gettime",
  args: [arg.i32, itimerspecOut],
  support: "full",
  run(task, id, at) {
    const timer = timerOf(task, id);
    return timer instanceof Errno ? timer : task.mm.writeStruct(at, itimerspec, report(timer));
  },
});

function report({ intervalNs, left }: PosixTimer): Itimerspec {
  return { interval: timespecOf(intervalNs), value: timespecOf(left) };
}

export const timerGetoverrun = syscall({
  name: "timer_getoverrun",
  args: [arg.i32],
  support: "full",
  run(task, id) {
    const timer = timerOf(task, id);
    return timer instanceof Errno ? timer : timer.overrun;
  },
});

export const timerDelete = syscall({
  name: "timer_delete",
  args: [arg.i32],
  support: "full",
  run(task, id) {
    const timer = timerOf(task, id);
    if (timer instanceof Errno) return timer;
    timer.release();
    task.process.get(timerTable).timers.delete(id);
    return 0;
  },
});
