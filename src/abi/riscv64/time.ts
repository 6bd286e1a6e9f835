/** Layouts of linux/time_types.h and asm-generic/posix_types.h, all with 64-bit longs. */
import { array, i32, i64, type Layout, type StructOf, struct, u32 } from "../../base/struct.ts";

/** struct __kernel_timespec. */
export const timespec = struct({ seconds: i64, nanoseconds: i64 });

/** struct __kernel_old_timeval. */
export const timeval = struct({ seconds: i64, microseconds: i64 });

/** struct __kernel_old_itimerval. */
export const itimerval = struct({ interval: timeval, value: timeval });

/** struct __kernel_itimerspec. */
export const itimerspec = struct({ interval: timespec, value: timespec });

/** struct timezone: a relic that the kernel still keeps. */
export const timezone = struct({ minutesWest: i32, dstTime: i32 });

/** struct tms, in ticks of USER_HZ. */
export const tms = struct({ utime: i64, stime: i64, cutime: i64, cstime: i64 });

/** struct __kernel_timex. */
export const timex = struct({
  modes: u32,
  offset: i64,
  freq: i64,
  maxerror: i64,
  esterror: i64,
  status: i32,
  constant: i64,
  precision: i64,
  tolerance: i64,
  time: timeval,
  tick: i64,
  ppsfreq: i64,
  jitter: i64,
  shift: i32,
  stabil: i64,
  jitcnt: i64,
  calcnt: i64,
  errcnt: i64,
  stbcnt: i64,
  tai: i32,
  reserved: array(i32, 11),
});

export type Timeval = StructOf<typeof timeval>;
export type Itimerval = StructOf<typeof itimerval>;
export type Itimerspec = StructOf<typeof itimerspec>;
export type Timex = StructOf<typeof timex>;

/** __kernel_timer_t. */
export const timerId: Layout<number> = i32;
