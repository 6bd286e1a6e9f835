/** sched_getaffinity(2), sched_setaffinity(2), getcpu(2) and sched_yield(2): there is one processor, number 0. */

import { EINVAL, EPERM, Errno } from "../../abi/errno.ts";
import { u32 } from "../../base/struct.ts";
import { structOut } from "../../kernel/struct-arg.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import { maySchedule, taskNamed } from "./policy.ts";

/** Bytes of the kernel's cpumask: one long. */
const MASK_BYTES = 8;
const NO_CPU = new Uint8Array();

/** sched_getaffinity(2) answers how many bytes it wrote. */
export const schedGetaffinity = syscall({
  name: "sched_getaffinity",
  args: [arg.i32, arg.u32, arg.ptr<"cpu_set_t">()],
  support: "full",
  run(task, pid, size, at) {
    if (size < MASK_BYTES || size % MASK_BYTES !== 0) return EINVAL;
    const target = taskNamed(task, pid);
    if (target instanceof Errno) return target;
    const mask = new Uint8Array(MASK_BYTES);
    mask[0] = 1;
    const written = task.mm.write(at as number, mask);
    return written instanceof Errno ? written : MASK_BYTES;
  },
});

export const schedSetaffinity = syscall({
  name: "sched_setaffinity",
  args: [arg.i32, arg.u32, arg.ptr<"cpu_set_t">()],
  support: "full",
  run(task, pid, size, at) {
    const mask = size === 0 ? NO_CPU : task.mm.read(at as number, Math.min(size, MASK_BYTES));
    if (mask instanceof Errno) return mask;
    const target = taskNamed(task, pid);
    if (target instanceof Errno) return target;
    if (!maySchedule(task, target)) return EPERM;
    return ((mask[0] ?? 0) & 1) === 1 ? 0 : EINVAL;
  },
});

export const getcpu = syscall({
  name: "getcpu",
  args: [structOut(u32, (v) => `[${v}]`), structOut(u32, (v) => `[${v}]`), arg.ptr()],
  support: "full",
  run(task, cpuAt, nodeAt) {
    for (const at of [cpuAt, nodeAt]) {
      const written = at === 0 ? 0 : task.mm.writeU32(at, 0);
      if (written instanceof Errno) return written;
    }
    return 0;
  },
});

/** sched_yield(2): others that can run do so first. */
export const schedYield = syscall({
  name: "sched_yield",
  args: [],
  support: "full",
  run(task) {
    task.kernel.scheduler.yield(task);
    return 0;
  },
});
