/** sched_getaffinity(2), sched_setaffinity(2), getcpu(2) and sched_yield(2): there is one processor, number 0. */

import { CAP } from "../../abi/capability.ts";
import { EINVAL, EPERM, Errno, ESRCH, type Result } from "../../abi/errno.ts";
import type { Instant, Tid } from "../../abi/types.ts";
import { u32 } from "../../base/struct.ts";
import { structOut } from "../../kernel/struct-arg.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Blocking } from "../../kernel/wait.ts";
import { credentialsOf, hasCapability } from "../posix-user/index.ts";

/** Bytes of the kernel's cpumask: one long. */
const MASK_BYTES = 8;

/** The task of a thread id, 0 being the caller. */
export function taskNamed(task: Task, pid: number): Result<Task> {
  return pid === 0 ? task : (task.kernel.tasks.get(pid as Tid) ?? ESRCH);
}

/** Whether the caller may say how another task is scheduled (check_same_owner). */
export function maySchedule(caller: Task, target: Task): boolean {
  const { euid } = credentialsOf(caller.process);
  const other = credentialsOf(target.process);
  return euid === other.euid || euid === other.uid || hasCapability(caller.process, CAP.SYS_NICE);
}

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
    const mask = task.mm.read(at as number, Math.min(size, MASK_BYTES));
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
  run: (task) => (task.kernel.tasks.size > 1 ? yieldOnce(task) : 0),
  restart: () => 0,
});

/** Sleeps for the shortest time that there is: those who can run have their turn meanwhile. */
function* yieldOnce(task: Task): Blocking {
  const until = (task.kernel.now() + 1) as Instant;
  yield { on: [], deadline: until, interruptible: false };
  return 0;
}
