/** Reading and setting clocks: clock_gettime(2), gettimeofday(2), adjtimex(2). */
import { EFAULT, EINVAL, EOPNOTSUPP, EPERM, Errno, type Result } from "../../abi/errno.ts";
import { type Timex, timespec, timeval, timex, timezone } from "../../abi/riscv64/time.ts";
import { ADJ, CLOCK, NSEC_PER_SEC, NSEC_PER_USEC, STA, TIME_STATE } from "../../abi/time.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { clockOf, readClock, resolution } from "./clocks.ts";
import { clockArg, isValidTimespec, timespecIn, timespecOut, timevalIn, timevalOut } from "./time-args.ts";

export const clockGettime = syscall({
  name: "clock_gettime",
  args: [clockArg, timespecOut],
  support: "full",
  run(task, id, at) {
    const clock = clockOf(task, id);
    return clock instanceof Errno ? clock : task.mm.writeStruct(at, timespec, readClock(task.kernel, clock));
  },
});

export const clockGetres = syscall({
  name: "clock_getres",
  args: [clockArg, timespecOut],
  support: "full",
  run(task, id, at) {
    const clock = clockOf(task, id);
    if (clock instanceof Errno) return clock;
    // Alarm clocks need a device that wakes the machine.
    if (clock.kind !== "cpu" && clock.alarm) return EINVAL;
    return at === 0 ? 0 : task.mm.writeStruct(at, timespec, resolution(clock));
  },
});

/** clock_settime(2): the clock is the host's, and no capability of a machine reaches it. */
export const clockSettime = syscall({
  name: "clock_settime",
  args: [clockArg, timespecIn],
  support: "full",
  run(task, id, at) {
    const clock = clockOf(task, id);
    if (clock instanceof Errno) return clock;
    if (id !== CLOCK.REALTIME && clock.kind !== "cpu") return EINVAL;
    const time = task.mm.readStruct(at, timespec);
    if (time instanceof Errno) return time;
    return isValidTimespec(time) ? EPERM : EINVAL;
  },
});

export const gettimeofday = syscall({
  name: "gettimeofday",
  args: [timevalOut, arg.ptr<"timezone">()],
  support: "full",
  run(task, timeAt, zoneAt) {
    if (timeAt !== 0) {
      const { seconds, nanoseconds } = task.kernel.host.clock.realtime();
      const written = task.mm.writeStruct(timeAt, timeval, {
        seconds,
        microseconds: Math.floor(nanoseconds / NSEC_PER_USEC),
      });
      if (written instanceof Errno) return written;
    }
    // The kernel's idea of a time zone is UTC; programs have their own.
    return zoneAt === 0 ? 0 : task.mm.writeStruct(zoneAt as number, timezone, { minutesWest: 0, dstTime: 0 });
  },
});

export const settimeofday = syscall({
  name: "settimeofday",
  args: [timevalIn, arg.ptr<"timezone">()],
  support: "full",
  run(task, timeAt, zoneAt) {
    if (timeAt !== 0) {
      const time = task.mm.readStruct(timeAt, timeval);
      if (time instanceof Errno) return EFAULT;
      const { seconds, microseconds } = time;
      if (microseconds < 0 || microseconds > NSEC_PER_SEC / NSEC_PER_USEC) return EINVAL;
      if (!isValidTimespec({ seconds, nanoseconds: microseconds * NSEC_PER_USEC })) return EINVAL;
    }
    const zone = zoneAt === 0 ? undefined : task.mm.readStruct(zoneAt as number, timezone);
    return zone instanceof Errno ? zone : EPERM;
  },
});

const NO_TUNING = { partial: "reads the state of the clock; changing it is refused" } as const;

export const adjtimex = syscall({
  name: "adjtimex",
  args: [arg.ptr<Timex>()],
  support: NO_TUNING,
  run: (task, at) => tune(task, at),
});

export const clockAdjtime = syscall({
  name: "clock_adjtime",
  args: [clockArg, arg.ptr<Timex>()],
  support: NO_TUNING,
  run(task, id, at) {
    const clock = clockOf(task, id);
    if (clock instanceof Errno) return clock;
    return id === CLOCK.REALTIME ? tune(task, at) : EOPNOTSUPP;
  },
});

/** NTP_PHASE_LIMIT: the error of a clock that nobody disciplines, in microseconds. */
const UNKNOWN_ERROR_US = 16_000_000;
/** MAXFREQ: 500 parts per million, with 16 fractional bits. */
const TOLERANCE = 500 << 16;
const ADJTIME = 0x8000;
const READ_ONLY = 0x2000;

/** do_adjtimex() of Linux kernel/time/timekeeping.c for a caller without CAP_SYS_TIME. */
function tune(task: Task, at: GuestPtr<Timex>): Result<number> {
  const wanted = task.mm.readStruct(at, timex);
  if (wanted instanceof Errno) return wanted;
  const { modes } = wanted;
  if ((modes & ADJTIME) !== 0) {
    if ((modes & ADJ.OFFSET_SINGLESHOT) !== ADJ.OFFSET_SINGLESHOT) return EINVAL;
    if ((modes & READ_ONLY) === 0) return EPERM;
  } else if (modes !== 0) {
    return EPERM;
  }
  const { seconds, nanoseconds } = task.kernel.host.clock.realtime();
  const written = task.mm.writeStruct(at, timex, {
    ...UNTUNED,
    modes,
    time: { seconds, microseconds: Math.floor(nanoseconds / NSEC_PER_USEC) },
  });
  return written instanceof Errno ? written : TIME_STATE.ERROR;
}

const UNTUNED: Omit<Timex, "modes" | "time"> = {
  offset: 0,
  freq: 0,
  maxerror: UNKNOWN_ERROR_US,
  esterror: UNKNOWN_ERROR_US,
  status: STA.UNSYNC,
  constant: 2,
  precision: 1,
  tolerance: TOLERANCE,
  tick: 10_000,
  ppsfreq: 0,
  jitter: 0,
  shift: 0,
  stabil: 0,
  jitcnt: 0,
  calcnt: 0,
  errcnt: 0,
  stbcnt: 0,
  tai: 0,
  reserved: new Array(11).fill(0),
};
