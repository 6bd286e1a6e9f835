/** semget(2). (Linux ipc/sem.c, newary) */
import { EINVAL, ENOSPC, type Result } from "../../abi/errno.ts";
import { SEM_LIMIT } from "../../abi/ipc.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { Identifiers } from "./identifiers.ts";
import { keyArg, makeFlagsArg } from "./ipc-args.ts";
import { SemaphoreSet } from "./semaphore-set.ts";

export const semaphoreSets = perKernel(() => new Identifiers<SemaphoreSet>());

export const semget = syscall({
  name: "semget",
  args: [keyArg, arg.i32, makeFlagsArg()],
  support: "full",
  run(task, key, count, flags) {
    if (count < 0 || count > SEM_LIMIT.MSL) return EINVAL;
    return task.kernel.get(semaphoreSets).get(task.process, {
      key,
      flags,
      limit: SEM_LIMIT.MNI,
      make: () => makeSet(task, key, flags, count),
      check: ({ semaphores }) => (count > semaphores.length ? EINVAL : undefined),
    });
  },
});

function makeSet({ process, kernel }: Task, key: number, flags: number, count: number): Result<SemaphoreSet> {
  if (count === 0) return EINVAL;
  return countSemaphores(kernel.get(semaphoreSets)) + count > SEM_LIMIT.MNS
    ? ENOSPC
    : new SemaphoreSet(process, key, flags, count);
}

/** Semaphores of all sets. */
export function countSemaphores(sets: Iterable<SemaphoreSet>): number {
  let sum = 0;
  for (const { semaphores } of sets) sum += semaphores.length;
  return sum;
}
