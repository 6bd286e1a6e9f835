/** setitimer(2) and getitimer(2) (Linux kernel/time/itimer.c): three timers of each process. */
import { EINVAL, Errno, type Result } from "../../abi/errno.ts";
import { type Itimerval, itimerval, type Timeval } from "../../abi/riscv64/time.ts";
import { SI, SIG } from "../../abi/signal.ts";
import { ITIMER, NSEC_PER_USEC } from "../../abi/time.ts";
import type { GuestPtr, Signo } from "../../abi/types.ts";
import type { Process } from "../../kernel/process.ts";
import { perProcess } from "../../kernel/slot-kinds.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { postSignal } from "../posix-signal/index.ts";
import { itimervalIn, itimervalOut } from "../posix-time/index.ts";
import { type Alarm, ClockAlarm, CpuAlarm } from "./alarm.ts";

/** One interval timer: an alarm that is set again and again. */
class IntervalTimer {
  readonly alarm: Alarm;
  readonly signo: Signo;
  /** What the alarm's clock shows, in nanoseconds. */
  private readonly now: () => number;
  private readonly process: Process;
  intervalNs = 0;
  private due = 0;

  constructor(process: Process, signo: Signo, clock: "monotonic" | "cpu") {
    this.process = process;
    this.signo = signo;
    const { kernel } = process;
    const fire = (): void => this.expire();
    this.alarm = clock === "cpu" ? new CpuAlarm(process, fire) : new ClockAlarm(kernel, fire);
    this.now = clock === "cpu" ? () => process.cpuNs : () => kernel.now();
  }

  set(valueNs: number, intervalNs: number): void {
    this.intervalNs = intervalNs;
    this.alarm.cancel();
    if (valueNs === 0) return;
    this.due = this.now() + valueNs;
    this.alarm.set(this.due);
  }

  /** Goes on after its signal was taken, at the next multiple of the interval that lies ahead. */
  rearm(): void {
    if (this.alarm.isSet || this.intervalNs === 0) return;
    const passed = Math.floor((this.now() - this.due) / this.intervalNs);
    this.due += (passed + 1) * this.intervalNs;
    this.alarm.set(this.due);
  }

  private expire(): void {
    postSignal(this.process, { kind: "kill", signo: this.signo, code: SI.KERNEL, pid: 0, uid: 0 });
    // The processor's timers tick on; the one in real time waits until its signal is taken (see {@link rearm}).
    if (this.signo !== SIG.ALRM) this.rearm();
  }
}

const slot = perProcess<readonly [real: IntervalTimer, virtual: IntervalTimer, prof: IntervalTimer]>({
  create: (process) => [
    new IntervalTimer(process, SIG.ALRM, "monotonic"),
    // All processor time counts as the user's, so that both of these run alike.
    new IntervalTimer(process, SIG.VTALRM, "cpu"),
    new IntervalTimer(process, SIG.PROF, "cpu"),
  ],
  exit(timers) {
    for (const { alarm } of timers) alarm.cancel();
  },
});

/** Lets the real-time timer go on: SIGALRM was taken from the queue. */
export function alarmTaken(process: Process): void {
  process.get(slot)[ITIMER.REAL]!.rearm();
}

const whichArg = arg.name(ITIMER, "ITIMER_");
const CPU_TIMERS = { partial: "ITIMER_VIRTUAL counts time in system calls too" } as const;

export const getitimer = syscall({
  name: "getitimer",
  args: [whichArg, itimervalOut],
  support: CPU_TIMERS,
  run(task, which, at) {
    const timer = task.process.get(slot)[which];
    return timer === undefined ? EINVAL : task.mm.writeStruct(at, itimerval, report(timer));
  },
});

export const setitimer = syscall({
  name: "setitimer",
  args: [whichArg, itimervalIn, itimervalOut],
  support: CPU_TIMERS,
  run(task, which, wantedAt, oldAt) {
    const wanted = readTimer(task, wantedAt);
    if (wanted instanceof Errno) return wanted;
    const timer = task.process.get(slot)[which];
    if (timer === undefined) return EINVAL;
    const old = report(timer);
    timer.set(toNs(wanted.value), toNs(wanted.interval));
    return oldAt === 0 ? 0 : task.mm.writeStruct(oldAt, itimerval, old);
  },
});

const OFF: Timeval = { seconds: 0, microseconds: 0 };

/** NULL disarms, as it always did on Linux. */
function readTimer(task: Task, at: GuestPtr<Itimerval>): Result<Itimerval> {
  if (at === 0) return { interval: OFF, value: OFF };
  const timer = task.mm.readStruct(at, itimerval);
  if (timer instanceof Errno) return timer;
  return isValid(timer.interval) && isValid(timer.value) ? timer : EINVAL;
}

function isValid({ seconds, microseconds }: Timeval): boolean {
  return seconds >= 0 && microseconds >= 0 && microseconds < 1e6;
}

/** A timer that is set never reads zero: less than a microsecond left is one. */
function report({ alarm, intervalNs }: IntervalTimer): Itimerval {
  const value = alarm.isSet ? toTimeval(Math.max(alarm.left, NSEC_PER_USEC)) : OFF;
  return { interval: toTimeval(intervalNs), value };
}

function toNs({ seconds, microseconds }: Timeval): number {
  return (seconds * 1e6 + microseconds) * NSEC_PER_USEC;
}

function toTimeval(ns: number): Timeval {
  const us = Math.floor(ns / NSEC_PER_USEC);
  return { seconds: Math.floor(us / 1e6), microseconds: us % 1e6 };
}
