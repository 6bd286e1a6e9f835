/** Scheduling policies and real-time priorities (sched(7); Linux kernel/sched/syscalls.c). */
import { CAP } from "../../abi/capability.ts";
import { EINVAL, EPERM, Errno, ESRCH, type Result } from "../../abi/errno.ts";
import { RLIMIT } from "../../abi/resource.ts";
import { schedParam } from "../../abi/riscv64/sched.ts";
import { timespec } from "../../abi/riscv64/time.ts";
import { SCHED } from "../../abi/sched.ts";
import type { Tid } from "../../abi/types.ts";
import { structIn, structOut } from "../../kernel/struct-arg.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { FAIR_TURN_NS, ROUND_ROBIN_TURN_NS } from "../../kernel/turn.ts";
import { softLimit } from "../posix-process/index.ts";
import { credentialsOf, hasCapability } from "../posix-user/index.ts";
import { priorityChanged, type Scheduling, scheduling } from "./effective-priority.ts";

const MAX_REALTIME = 99;

export const policyArg = arg.name(
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
export const NO_DEADLINES = { partial: "no SCHED_DEADLINE: it is refused with EINVAL" } as const;

/** The task of a thread id, 0 being the caller. */
export function taskNamed(task: Task, pid: number): Result<Task> {
  return pid === 0 ? task : (task.kernel.taskNamed(pid as Tid) ?? ESRCH);
}

/** Whether a task belongs to the caller's user (check_same_owner). */
export function isSameOwner(caller: Task, target: Task): boolean {
  const { euid } = credentialsOf(caller.process);
  const other = credentialsOf(target.process);
  return euid === other.euid || euid === other.uid;
}

/** Whether the caller may say how another task is scheduled. */
export function maySchedule(caller: Task, target: Task): boolean {
  return isSameOwner(caller, target) || hasCapability(caller.process, CAP.SYS_NICE);
}

/** Whether a nice value is no better than a task's own, or within its RLIMIT_NICE (can_nice). */
export function mayHaveNice(target: Task, nice: number): boolean {
  return nice >= target.get(scheduling).nice || 20 - nice <= softLimit(target.process, RLIMIT.NICE);
}

export function isRealTime(policy: number): boolean {
  return policy === SCHED.FIFO || policy === SCHED.RR;
}

function isFair(policy: number): boolean {
  return policy === SCHED.OTHER || policy === SCHED.BATCH || policy === SCHED.IDLE;
}

/** What a caller wants for a task; what is absent stays as it is. */
export type Wanted = Pick<Scheduling, "policy" | "resetOnFork" | "realTime"> & Partial<Pick<Scheduling, "nice">>;

/** Checks and puts into force what is wanted (__sched_setscheduler). */
export function setScheduling(caller: Task, target: Task, wanted: Wanted): Result<number> {
  const { policy, realTime } = wanted;
  if (!isFair(policy) && !isRealTime(policy)) return EINVAL;
  if (realTime < 0 || realTime > MAX_REALTIME || isRealTime(policy) !== (realTime !== 0)) return EINVAL;
  if (needsPrivilege(caller, target, wanted) && !hasCapability(caller.process, CAP.SYS_NICE)) return EPERM;
  Object.assign(target.get(scheduling), wanted);
  priorityChanged(target);
  return 0;
}

/** user_check_sched_setscheduler. */
function needsPrivilege(caller: Task, target: Task, { policy, realTime, nice, resetOnFork }: Wanted): boolean {
  const before = target.get(scheduling);
  if (isFair(policy) && nice !== undefined && !mayHaveNice(target, nice)) return true;
  if (isRealTime(policy)) {
    const limit = softLimit(target.process, RLIMIT.RTPRIO);
    if (policy !== before.policy && limit === 0) return true;
    if (realTime > before.realTime && realTime > limit) return true;
  }
  // A task that is idle by policy is worse off than nice 19.
  const leavesIdle = before.policy === SCHED.IDLE && policy !== SCHED.IDLE;
  if (leavesIdle && 20 - before.nice > softLimit(target.process, RLIMIT.NICE)) return true;
  return !isSameOwner(caller, target) || (before.resetOnFork && !resetOnFork);
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
  support: NO_DEADLINES,
  run(task, pid, word, paramAt) {
    if (word < 0 || paramAt === 0 || pid < 0) return EINVAL;
    const param = task.mm.readStruct(paramAt, schedParam);
    if (param instanceof Errno) return param;
    const target = taskNamed(task, pid);
    if (target instanceof Errno) return target;
    const policy = word & ~SCHED.RESET_ON_FORK;
    const resetOnFork = (word & SCHED.RESET_ON_FORK) !== 0;
    return setScheduling(task, target, { policy, resetOnFork, realTime: param.priority });
  },
});

export const schedGetparam = syscall({
  name: "sched_getparam",
  args: [arg.i32, paramOut],
  support: "full",
  run(task, pid, paramAt) {
    if (paramAt === 0 || pid < 0) return EINVAL;
    const target = taskNamed(task, pid);
    if (target instanceof Errno) return target;
    return task.mm.writeStruct(paramAt, schedParam, { priority: target.get(scheduling).realTime });
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
    const { policy, resetOnFork } = target.get(scheduling);
    return setScheduling(task, target, { policy, resetOnFork, realTime: param.priority });
  },
});

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

/** Lengths of turns, for sched_rr_get_interval(2): none under SCHED_FIFO. */
const TURNS: ReadonlyMap<number, number> = new Map([
  [SCHED.OTHER, FAIR_TURN_NS],
  [SCHED.BATCH, FAIR_TURN_NS],
  [SCHED.RR, ROUND_ROBIN_TURN_NS],
]);

export const schedRrGetInterval = syscall({
  name: "sched_rr_get_interval",
  args: [arg.i32, structOut(timespec, (t) => `{tv_sec=${t.seconds}, tv_nsec=${t.nanoseconds}}`)],
  support: "full",
  run(task, pid, at) {
    if (pid < 0) return EINVAL;
    const target = taskNamed(task, pid);
    if (target instanceof Errno) return target;
    const nanoseconds = TURNS.get(target.get(scheduling).policy) ?? 0;
    return task.mm.writeStruct(at, timespec, { seconds: 0, nanoseconds });
  },
});
