/** How system calls on time take and print their arguments. */
import { itimerspec, itimerval, timespec, timeval } from "../../abi/riscv64/time.ts";
import { CLOCK, NSEC_PER_SEC } from "../../abi/time.ts";
import type { Timespec } from "../../abi/types.ts";
import type { Layout } from "../../base/struct.ts";
import { formatFields, structIn, structOut } from "../../kernel/struct-arg.ts";
import { arg } from "../../kernel/syscall.ts";

type Timeval = typeof timeval extends Layout<infer T> ? T : never;

export const clockArg = arg.name(CLOCK, "CLOCK_");

const formatTimespec = (t: Timespec): string => formatFields({ tv_sec: t.seconds, tv_nsec: t.nanoseconds });
const formatTimeval = (t: Timeval): string => formatFields({ tv_sec: t.seconds, tv_usec: t.microseconds });

export const timespecIn = structIn(timespec, formatTimespec);
export const timespecOut = structOut(timespec, formatTimespec);
export const timevalIn = structIn(timeval, formatTimeval);
export const timevalOut = structOut(timeval, formatTimeval);

const formatItimerval = ({ interval, value }: { readonly interval: Timeval; readonly value: Timeval }): string =>
  formatFields({ it_interval: formatTimeval(interval), it_value: formatTimeval(value) });
const formatItimerspec = ({ interval, value }: { readonly interval: Timespec; readonly value: Timespec }): string =>
  formatFields({ it_interval: formatTimespec(interval), it_value: formatTimespec(value) });

export const itimervalIn = structIn(itimerval, formatItimerval);
export const itimervalOut = structOut(itimerval, formatItimerval);
export const itimerspecIn = structIn(itimerspec, formatItimerspec);
export const itimerspecOut = structOut(itimerspec, formatItimerspec);

/** Whether a program's timespec is one: not negative, and its nanoseconds below a second. (timespec64_valid) */
export function isValidTimespec({ seconds, nanoseconds }: Timespec): boolean {
  return seconds >= 0 && nanoseconds >= 0 && nanoseconds < NSEC_PER_SEC;
}

/** Nanoseconds of a duration; exact up to 104 days, and near enough beyond. */
export function nanosecondsOf({ seconds, nanoseconds }: Timespec): number {
  return seconds * NSEC_PER_SEC + nanoseconds;
}

/** A timespec of so many nanoseconds. */
export function timespecOf(ns: number): Timespec {
  const seconds = Math.floor(ns / NSEC_PER_SEC);
  return { seconds, nanoseconds: Math.floor(ns - seconds * NSEC_PER_SEC) };
}
