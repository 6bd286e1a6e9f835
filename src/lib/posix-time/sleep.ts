/** nanosleep(2) and clock_nanosleep(2) (Linux kernel/time/hrtimer.c, posix-timers.c). */
import { EINVAL, EOPNOTSUPP, ERESTART_RESTARTBLOCK, ERESTARTNOHAND, Errno, type Result } from "../../abi/errno.ts";
import { timespec } from "../../abi/riscv64/time.ts";
import { TIMER } from "../../abi/time.ts";
import type { GuestPtr, Instant, Timespec } from "../../abi/types.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Blocking } from "../../kernel/wait.ts";
import { clockOf, instantAfter, instantOf } from "./clocks.ts";
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
  support: { partial: "no sleep on CPU clocks" },
  run(task, id, flags, timeAt, remainingAt) {
    const clock = clockOf(task, id);
    if (clock instanceof Errno) return clock;
    if (clock.kind === "cpu" || !clock.sleeps) return EOPNOTSUPP;
    const time = readTime(task, timeAt);
    if (time instanceof Errno) return time;
    const absolute = (flags & TIMER.ABSTIME) !== 0;
    const until = absolute ? instantOf(task.kernel, clock, time) : instantAfter(task.kernel, nanosecondsOf(time));
    return sleep(task, { until, remainingAt: absolute ? 0 : remainingAt, absolute });
  },
  restart: sleep,
});

function readTime(task: Task, at: GuestPtr<Timespec>): Result<Timespec> {
  const time = task.mm.readStruct(at, timespec);
  return time instanceof Errno || isValidTimespec(time) ? time : EINVAL;
}

/** Sleeps until the instant. If that is interrupted, it goes on with the same instant or the program learns what is left. */
function* sleep(task: Task, state: Sleep): Blocking {
  task.restart = state;
  while (task.kernel.now() < state.until) {
    if ((yield { on: [], deadline: state.until }) === "signal") return interrupted(task, state);
  }
  return 0;
}

function interrupted(task: Task, { until, remainingAt, absolute }: Sleep): Result<number> {
  if (absolute) return ERESTARTNOHAND;
  const left = until - task.kernel.now();
  if (left <= 0) return 0;
  const written = remainingAt === 0 ? 0 : task.mm.writeStruct(remainingAt, timespec, timespecOf(left));
  return written instanceof Errno ? written : ERESTART_RESTARTBLOCK;
}
