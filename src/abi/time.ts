/** Clocks and timers (linux/time.h, linux/timex.h, linux/timerfd.h). */

export const CLOCK = {
  REALTIME: 0,
  MONOTONIC: 1,
  PROCESS_CPUTIME_ID: 2,
  THREAD_CPUTIME_ID: 3,
  MONOTONIC_RAW: 4,
  REALTIME_COARSE: 5,
  MONOTONIC_COARSE: 6,
  BOOTTIME: 7,
  REALTIME_ALARM: 8,
  BOOTTIME_ALARM: 9,
  TAI: 11,
} as const;

/** Flag of clock_nanosleep and timer_settime: the value is an instant, not a duration. */
export const TIMER = { ABSTIME: 1 } as const;

export const ITIMER = { REAL: 0, VIRTUAL: 1, PROF: 2 } as const;

export const TFD = { NONBLOCK: 0x800, CLOEXEC: 0x8_0000 } as const;
export const TFD_TIMER = { ABSTIME: 1, CANCEL_ON_SET: 2 } as const;

/** Bits of struct timex's modes, and of its status. */
export const ADJ = {
  OFFSET: 0x0001,
  FREQUENCY: 0x0002,
  MAXERROR: 0x0004,
  ESTERROR: 0x0008,
  STATUS: 0x0010,
  TIMECONST: 0x0020,
  TAI: 0x0080,
  SETOFFSET: 0x0100,
  MICRO: 0x1000,
  NANO: 0x2000,
  TICK: 0x4000,
  OFFSET_SINGLESHOT: 0x8001,
  OFFSET_SS_READ: 0xa001,
} as const;
export const STA = { UNSYNC: 0x0040 } as const;
export const TIME_STATE = { OK: 0, ERROR: 5 } as const;

export const NSEC_PER_SEC = 1_000_000_000;
export const NSEC_PER_USEC = 1000;

/** Ticks a second in which times(2) and others count (USER_HZ; sysconf(_SC_CLK_TCK)). */
export const USER_HZ = 100;
