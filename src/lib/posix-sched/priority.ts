/** Policies and priorities (sched(7); Linux kernel/sched/syscalls.c, kernel/sys.c). */
import { CAP } from "../../abi/capability.ts";
import { EACCES, EINVAL, EPERM, Errno, ESRCH, type Result } from "../../abi/errno.ts";
import { PRIO, RLIMIT } from "../../abi/resource.ts";
import { timespec } from "../../abi/riscv64/time.ts";
import { SCHED } from "../../abi/sched.ts";
import type { Pgid, Tid } from "../../abi/types.ts";
import { i32, struct } from "../../base/struct.ts";
import { structIn, structOut } from "../../kernel/struct-arg.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { jobControlOf, softLimit } from "../posix-process/index.ts";
import { credentialsOf, hasCapability } from "../posix-user/index.ts";
import { maySchedule, taskNamed } from "./affinity.ts";
import { priorityChanged, scheduling } from "./effective-priority.ts";

/** struct sched_param. */
const schedParam = struct({ priority: i32 });

const MIN_NICE = -20;
const MAX_NICE = 19;
const MAX_REALTIME = 99;
/** What sched_rr_get_interval(2) tells of a task that is not real-time: a slice of the fair scheduler. */
const SLICE_NS = 4_000_000;

const policyArg = arg.name(
  {
    OTHER: SCHED.OTHER,
    FIFO: SCHED.FIFO,
    RR: SCHED.RR,
    BATCH: SCHED.BATCH,
    IDLE: SCHED.IDLE,
    DEADLINE: SCHED.DEADLINE,
  },
  "SCHED_",
);
const paramIn = structIn(schedParam, ({ priority }) => `[${priority}]`);
const paramOut = structOut(schedParam, ({ priority }) => `[${priority}]`);
const ONLY_FAIR = { partial: "no real-time policies: they are refused with EPERM" } as const;

function isFair(policy: number): boolean {
  return policy === SCHED.OTHER || policy === SCHED.BATCH || policy === SCHED.IDLE;
}

function isRealTime(policy: number): boolean {
  return policy === SCHED.FIFO || policy === SCHED.RR;
}

export const schedGetscheduler = syscall({
  name: "sched_getscheduler",
  args: [arg.i32],
  support: "full",
  run(task, pid) {
    if (pid < 0) return EINVAL;
    const target = taskNamed(task, pid);
    if (target instanceof Errno) return target;
    const { policy, resetOnFork } = target.get(scheduling);
    return resetOnFork ? policy | SCHED.RESET_ON_FORK : policy;
  },
});

export const schedSetscheduler = syscall({
  name: "sched_setscheduler",
  args: [arg.i32, policyArg, paramIn],
  support: ONLY_FAIR,
  run(task, pid, policy, paramAt) {
    if (policy < 0 || paramAt === 0 || pid < 0) return EINVAL;
    const param = task.mm.readStruct(paramAt, schedParam);
    if (param instanceof Errno) return param;
    const target = taskNamed(task, pid);
    return target instanceof Errno ? target : setPolicy(task, target, policy, param.priority);
  },
});

export const schedGetparam = syscall({
  name: "sched_getparam",
  args: [arg.i32, paramOut],
  support: "full",
  run(task, pid, paramAt) {
    if (paramAt === 0 || pid < 0) return EINVAL;
    const target = taskNamed(task, pid);
    return target instanceof Errno ? target : task.mm.writeStruct(paramAt, schedParam, { priority: 0 });
  },
});

export const schedSetparam = syscall({
  name: "sched_setparam",
  args: [arg.i32, paramIn],
  support: "full",
  run(task, pid, paramAt) {
    if (paramAt === 0 || pid < 0) return EINVAL;
    const param = task.mm.readStruct(paramAt, schedParam);
    if (param instanceof Errno) return param;
    const target = taskNamed(task, pid);
    if (target instanceof Errno) return target;
    return setPolicy(task, target, target.get(scheduling).policy, param.priority);
  },
});

/** Real-time policies would starve everyone else of the one thread that there is: nobody has the privilege for them. */
function setPolicy(caller: Task, target: Task, wanted: number, priority: number): Result<number> {
  const policy = wanted & ~SCHED.RESET_ON_FORK;
  if (!isFair(policy) && !isRealTime(policy)) return EINVAL;
  if (priority < 0 || priority > MAX_REALTIME) return EINVAL;
  if (isRealTime(policy) !== (priority !== 0)) return EINVAL;
  if (isRealTime(policy) || !maySchedule(caller, target)) return EPERM;
  const state = target.get(scheduling);
  state.policy = policy;
  state.resetOnFork = (wanted & SCHED.RESET_ON_FORK) !== 0;
  priorityChanged(target);
  return 0;
}

export const schedGetPriorityMax = syscall({
  name: "sched_get_priority_max",
  args: [policyArg],
  support: "full",
  run: (_task, policy) => priorityBound(policy, MAX_REALTIME),
});

export const schedGetPriorityMin = syscall({
  name: "sched_get_priority_min",
  args: [policyArg],
  support: "full",
  run: (_task, policy) => priorityBound(policy, 1),
});

function priorityBound(policy: number, ofRealTime: number): Result<number> {
  if (isRealTime(policy)) return ofRealTime;
  return isFair(policy) || policy === SCHED.DEADLINE ? 0 : EINVAL;
}

export const schedRrGetInterval = syscall({
  name: "sched_rr_get_interval",
  args: [arg.i32, structOut(timespec, (t) => `{tv_sec=${t.seconds}, tv_nsec=${t.nanoseconds}}`)],
  support: "full",
  run(task, pid, at) {
    if (pid < 0) return EINVAL;
    const target = taskNamed(task, pid);
    if (target instanceof Errno) return target;
    const nanoseconds = target.get(scheduling).policy === SCHED.IDLE ? 0 : SLICE_NS;
    return task.mm.writeStruct(at, timespec, { seconds: 0, nanoseconds });
  },
});

const whichArg = arg.name(PRIO, "PRIO_");
const NICE_ONLY_KEPT = { partial: "the value is kept and inherited, but all tasks run alike" } as const;

/** getpriority(2): the system call answers 20 - nice, so that no answer is negative. */
export const getpriority = syscall({
  name: "getpriority",
  args: [whichArg, arg.i32],
  support: NICE_ONLY_KEPT,
  run(task, which, who) {
    const targets = tasksOf(task, which, who);
    if (targets instanceof Errno) return targets;
    if (targets.length === 0) return ESRCH;
    return Math.max(...targets.map((target) => 20 - target.get(scheduling).nice));
  },
});

export const setpriority = syscall({
  name: "setpriority",
  args: [whichArg, arg.i32, arg.i32],
  support: NICE_ONLY_KEPT,
  run(task, which, who, value) {
    const targets = tasksOf(task, which, who);
    if (targets instanceof Errno) return targets;
    const nice = Math.min(Math.max(value, MIN_NICE), MAX_NICE);
    // A success counts unless an error follows it, and the last error wins. (set_one_prio)
    return targets.reduce<Result<number>>((before, target) => setNice(task, target, nice, before), ESRCH);
  },
});

function setNice(caller: Task, target: Task, nice: number, before: Result<number>): Result<number> {
  if (!maySchedule(caller, target)) return EPERM;
  const state = target.get(scheduling);
  const allowed = nice >= state.nice || 20 - nice <= softLimit(target.process, RLIMIT.NICE);
  if (!allowed && !hasCapability(caller.process, CAP.SYS_NICE)) return EACCES;
  state.nice = nice;
  priorityChanged(target);
  return before === ESRCH ? 0 : before;
}

function tasksOf(task: Task, which: number, who: number): Result<readonly Task[]> {
  const all = [...task.kernel.tasks.values()];
  const own = credentialsOf(task.process);
  switch (which) {
    case PRIO.PROCESS: {
      const target = who === 0 ? task : task.kernel.tasks.get(who as Tid);
      return target === undefined ? [] : [target];
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
