/** Nice values: getpriority(2) and setpriority(2) (Linux kernel/sys.c). */
import { CAP } from "../../abi/capability.ts";
import { EACCES, EINVAL, EPERM, Errno, ESRCH, type Result } from "../../abi/errno.ts";
import { PRIO } from "../../abi/resource.ts";
import type { Pgid } from "../../abi/types.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { jobControlOf } from "../posix-process/index.ts";
import { credentialsOf, hasCapability } from "../posix-user/index.ts";
import { priorityChanged, scheduling } from "./effective-priority.ts";
import { mayHaveNice, maySchedule, taskNamed } from "./policy.ts";

const MIN_NICE = -20;
const MAX_NICE = 19;

export function clampNice(nice: number): number {
  return Math.min(Math.max(nice, MIN_NICE), MAX_NICE);
}

const whichArg = arg.name(PRIO, "PRIO_");

/** getpriority(2): the system call answers 20 - nice, so that no answer is negative. */
export const getpriority = syscall({
  name: "getpriority",
  args: [whichArg, arg.i32],
  support: "full",
  run(task, which, who) {
    const targets = tasksOf(task, which, who);
    if (targets instanceof Errno) return targets;
    if (targets.length === 0) return ESRCH;
    return targets.reduce((best, target) => Math.max(best, 20 - target.get(scheduling).nice), 0);
  },
});

export const setpriority = syscall({
  name: "setpriority",
  args: [whichArg, arg.i32, arg.i32],
  support: "full",
  run(task, which, who, value) {
    const targets = tasksOf(task, which, who);
    if (targets instanceof Errno) return targets;
    const nice = clampNice(value);
    // A success counts unless an error follows it, and the last error wins. (set_one_prio)
    return targets.reduce<Result<number>>((before, target) => setNice(task, target, nice, before), ESRCH);
  },
});

function setNice(caller: Task, target: Task, nice: number, before: Result<number>): Result<number> {
  if (!maySchedule(caller, target)) return EPERM;
  if (!mayHaveNice(target, nice) && !hasCapability(caller.process, CAP.SYS_NICE)) return EACCES;
  target.get(scheduling).nice = nice;
  priorityChanged(target);
  return before === ESRCH ? 0 : before;
}

function tasksOf(task: Task, which: number, who: number): Result<readonly Task[]> {
  const all = [...task.kernel.tasks.values()];
  const own = credentialsOf(task.process);
  switch (which) {
    case PRIO.PROCESS: {
      const target = taskNamed(task, who);
      return target instanceof Errno ? [] : [target];
    }
    case PRIO.PGRP: {
      const pgid = who === 0 ? jobControlOf(task.process).pgid : (who as Pgid);
      return all.filter(({ process }) => jobControlOf(process).pgid === pgid);
    }
    case PRIO.USER: {
      const uid = who === 0 ? own.uid : who;
      return all.filter(({ process }) => credentialsOf(process).uid === uid);
    }
    default:
      return EINVAL;
  }
}
