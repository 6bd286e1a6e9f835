import { type StructOf, struct, u64 } from "../../base/struct.ts";

/** struct clone_args of linux/sched.h, as long as Linux 5.7 made it. */
export const cloneArgs = struct({
  flags: u64,
  pidfd: u64,
  childTid: u64,
  parentTid: u64,
  exitSignal: u64,
  stack: u64,
  stackSize: u64,
  tls: u64,
  setTid: u64,
  setTidSize: u64,
  cgroup: u64,
});

export type CloneArgs = StructOf<typeof cloneArgs>;

/** Bytes of its first version (CLONE_ARGS_SIZE_VER0). */
export const CLONE_ARGS_FIRST_SIZE = 64;
