/** Layouts of asm-generic/resource.h and linux/resource.h. */
import { i64, type Layout, type StructOf, struct } from "../../base/struct.ts";
import { timeval } from "./time.ts";

/** rlim_t: RLIM_INFINITY (all ones) reads as Infinity. */
const rlim: Layout<number> = Object.freeze({
  size: 8,
  align: 8,
  read(v: DataView, at: number) {
    const value = v.getBigUint64(at, true);
    return value === 0xffff_ffff_ffff_ffffn ? Number.POSITIVE_INFINITY : Number(value);
  },
  write(v: DataView, at: number, value: number) {
    v.setBigUint64(at, value === Number.POSITIVE_INFINITY ? 0xffff_ffff_ffff_ffffn : BigInt(value), true);
  },
});

/** struct rlimit64: the soft limit, and how far it may be raised. */
export const rlimit = struct({ current: rlim, maximum: rlim });

export type Rlimit = StructOf<typeof rlimit>;

/** struct rusage. */
export const rusage = struct({
  utime: timeval,
  stime: timeval,
  maxrss: i64,
  ixrss: i64,
  idrss: i64,
  isrss: i64,
  minflt: i64,
  majflt: i64,
  nswap: i64,
  inblock: i64,
  oublock: i64,
  msgsnd: i64,
  msgrcv: i64,
  nsignals: i64,
  nvcsw: i64,
  nivcsw: i64,
});

export type Rusage = StructOf<typeof rusage>;
