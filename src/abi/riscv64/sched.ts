/** Structures of sched(7) (linux/sched/types.h). */
import { i32, type Layout, struct, u32, u64 } from "../../base/struct.ts";

/** struct sched_param. */
export const schedParam = struct({ priority: i32 });

/** struct sched_attr, with the clamps of its second version. */
export const schedAttr = struct({
  size: u32,
  policy: u32,
  flags: u64,
  nice: i32,
  priority: u32,
  runtime: u64,
  deadline: u64,
  period: u64,
  utilMin: u32,
  utilMax: u32,
});

export type SchedAttr = typeof schedAttr extends Layout<infer T> ? T : never;

/** Bytes of the structure's first version (SCHED_ATTR_SIZE_VER0). */
export const SCHED_ATTR_FIRST_SIZE = 48;
