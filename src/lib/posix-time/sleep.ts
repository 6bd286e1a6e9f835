/** nanosleep(2) and clock_nanosleep(2) (Linux kernel/time/hrtimer.c, posix-timers.c). */
import { EINVAL, EOPNOTSUPP, ERESTART_RESTARTBLOCK, ERESTARTNOHAND, Errno, type Result } from "../../abi/errno.ts";
import { timespec } from "../../abi/riscv64/time.ts";
import { CLOCK, TIMER } from "../../abi/time.ts";
import type { GuestPtr, Instant, Timespec } from "../../abi/types.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { type Blocking, WaitQueue } from "../../kernel/wait.ts";
import { type Clock, clockOf, instantAfter, instantOf } from "./clocks.ts";
import { clockArg, isValidTimespec, nanosecondsOf, timespecIn, timespecOf } from "./time-args.ts";

interface Sleep {
  readonly until: Instant;
  /** Where the time left goes if a signal ends the sleep; 0 is nowhere. */
  readonly remainingAt: GuestPtr<Timespec>;
  readonly absolute: boolean;
}

/** Filled in only by a sleep that was interrupted: printed as an address. */
const remainingArg = arg.ptr<Timespec>();

export const nanosleep = syscall({
  name: "nanosleep",
  args: [timespecIn, remainingArg],
  support: "full",
  run(task, durationAt, remainingAt) {
    const duration = readTime(task, durationAt);
    if (duration instanceof Errno) return duration;
    return sleep(task, { until: instantAfter(task.kernel, nanosecondsOf(duration)), remainingAt, absolute: false });
  },
  restart: sleep,
});

export const clockNanosleep = syscall({
  name: "clock_nanosleep",
  args: [clockArg, arg.flags(TIMER, "TIMER_"), timespecIn, remainingArg],
  support: "full",
  run(task, id, flags, timeAt, remainingAt) {
    const clock = clockOf(task, id);
    // Ids below 0 are looked into last: clocks of processes and threads.
    if (clock instanceof Errno && id >= 0) return clock;
    const refused = clock instanceof Errno ? clock : whyNoSleep(task, id, clock);
    const isAlarm = !(clock instanceof Errno) && clock.kind !== "cpu" && clock.alarm;
    const time = refused === EOPNOTSUPP && !isAlarm ? refused : readTime(task, timeAt);
    if (time instanceof Errno) return time;
    if (clock instanceof Errno) return clock;
    if (isAlarm) return EOPNOTSUPP;
    const absolute = (flags & TIMER.ABSTIME) !== 0;
    const where = { remainingAt: absolute ? (0 as GuestPtr<Timespec>) : remainingAt, absolute };
    if (clock.kind === "cpu") {
      if (refused !== undefined) return refused;
      return cpuSleep(task, { id, untilNs: nanosecondsOf(time) + (absolute ? 0 : clock.of.cpuNs), ...where });
    }
    const until = absolute ? instantOf(task.kernel, clock, time) : instantAfter(task.kernel, nanosecondsOf(time));
    return sleep(task, { until, ...where });
  },
  restart: (task, state: Sleep | CpuSleep) => ("id" in state ? cpuSleep(task, state) : sleep(task, state)),
});

/** A thread cannot wait for its own processor time; by its clock's own name the errno is another one (posix_cpu_nsleep). */
function whyNoSleep(task: Task, id: number, clock: Clock): Errno | undefined {
  if (clock.kind !== "cpu") return clock.sleeps ? undefined : EOPNOTSUPP;
  if (id === CLOCK.THREAD_CPUTIME_ID) return EOPNOTSUPP;
  return clock.of === task ? EINVAL : undefined;
}

function readTime(task: Task, at: GuestPtr<Timespec>): Result<Timespec> {
  const time = task.mm.readStruct(at, timespec);
  return time instanceof Errno || isValidTimespec(time) ? time : EINVAL;
}

/** Sleeps until the instant. If that is interrupted, it goes on with the same instant or the program learns what is left. */
function* sleep(task: Task, state: Sleep): Blocking {
  task.restart = state;
  while (task.kernel.now() < state.until) {
    if ((yield { on: [], deadline: state.until }) === "signal")
      return interrupted(task, state, state.until - task.kernel.now());
  }
  return 0;
}

interface CpuSleep extends Pick<Sleep, "remainingAt" | "absolute"> {
  /** Of the clock. */
  readonly id: number;
  /** What it is to show. */
  readonly untilNs: number;
}

/** Sleeps until a process, or another thread, has used so much processor time. */
function* cpuSleep(task: Task, state: CpuSleep): Blocking {
  task.restart = state;
  const clock = clockOf(task, state.id);
  if (clock instanceof Errno) return clock;
  if (clock.kind !== "cpu") return EINVAL;
  const { of } = clock;
  const reached = new WaitQueue();
  const alarm = of.cpuClock.at(state.untilNs, () => reached.wake());
  try {
    while (of.cpuNs < state.untilNs) {
      if ((yield { on: [reached] }) === "signal") return interrupted(task, state, state.untilNs - of.cpuNs);
    }
  } finally {
    alarm.cancel();
  }
  return 0;
}

type Interrupted = Pick<Sleep, "remainingAt" | "absolute">;

function interrupted(task: Task, { remainingAt, absolute }: Interrupted, left: number): Result<number> {
  if (absolute) return ERESTARTNOHAND;
  if (left <= 0) return 0;
  const written = remainingAt === 0 ? 0 : task.mm.writeStruct(remainingAt, timespec, timespecOf(left));
  return written instanceof Errno ? written : ERESTART_RESTARTBLOCK;
}
