/** riscv_hwprobe(2) (asm/hwprobe.h; Documentation/arch/riscv/hwprobe.rst). */
import { bits64, i64, type StructOf, struct } from "../../base/struct.ts";

/** struct riscv_hwprobe: a key that the program asks for, and its value. */
export const hwprobePair = struct({ key: i64, value: bits64 });
export type HwprobePair = StructOf<typeof hwprobePair>;

export const HWPROBE_KEY = {
  MVENDORID: 0,
  MARCHID: 1,
  MIMPID: 2,
  BASE_BEHAVIOR: 3,
  IMA_EXT_0: 4,
  CPUPERF_0: 5,
  ZICBOZ_BLOCK_SIZE: 6,
  HIGHEST_VIRT_ADDRESS: 7,
  TIME_CSR_FREQ: 8,
  MISALIGNED_SCALAR_PERF: 9,
} as const;

export const HWPROBE_BASE_BEHAVIOR_IMA = 1n << 0n;

export const HWPROBE_EXT = {
  FD: 1n << 0n,
  C: 1n << 1n,
  V: 1n << 2n,
  ZBA: 1n << 3n,
  ZBB: 1n << 4n,
  ZBS: 1n << 5n,
  ZICBOZ: 1n << 6n,
  ZBC: 1n << 7n,
  ZICOND: 1n << 35n,
} as const;

/** Value of MISALIGNED_SCALAR_PERF; CPUPERF_0 has the same in its low three bits. */
export const HWPROBE_MISALIGNED = { UNKNOWN: 0n, EMULATED: 1n, SLOW: 2n, FAST: 3n, UNSUPPORTED: 4n } as const;

/** Flag: find the CPUs that have these values, instead of the values that these CPUs have. */
export const HWPROBE_WHICH_CPUS = 1;
