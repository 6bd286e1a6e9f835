/**
 * How urgent a task is: what it asked for, and what others who wait for its locks lend it.
 *
 * Priorities are numbers as Linux counts them (p->prio of kernel/sched/core.c): 0 to 98 for the real-time priorities 99 to
 * 1, 100 to 139 for nice -20 to 19. Less is more urgent.
 */
import { SCHED } from "../../abi/sched.ts";
import { ExtensionPoint } from "../../kernel/library.ts";
import { perTask } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";

/** What sched_setscheduler(2) and setpriority(2) set for a task. */
export interface Scheduling {
  policy: number;
  nice: number;
  /** 1 to 99 under SCHED_FIFO and SCHED_RR, else 0. */
  realTime: number;
  resetOnFork: boolean;
  /** The priority of the most urgent task that waits for a lock of this one; Infinity if none does. */
  lent: number;
}

export const scheduling = perTask<Scheduling>({
  create: () => ({
    policy: SCHED.OTHER,
    nice: 0,
    realTime: 0,
    resetOnFork: false,
    lent: Number.POSITIVE_INFINITY,
  }),
  fork: (parent) => ({
    policy: parent.resetOnFork ? SCHED.OTHER : parent.policy,
    nice: parent.resetOnFork ? Math.max(parent.nice, 0) : parent.nice,
    realTime: parent.resetOnFork ? 0 : parent.realTime,
    resetOnFork: false,
    lent: Number.POSITIVE_INFINITY,
  }),
});

/** The most urgent priority of a task that is not real-time: all such wait alike (MAX_RT_PRIO). */
export const FAIR_PRIORITY = 100;
const MOST_URGENT = 99;
const NICE_0 = 120;

/** A task's own priority, whatever it is lent. */
export function normalPriority(task: Task): number {
  const { realTime, nice } = task.get(scheduling);
  return realTime > 0 ? MOST_URGENT - realTime : NICE_0 + nice;
}

/** The priority by which a task is to be chosen. */
export function effectivePriority(task: Task): number {
  return Math.min(normalPriority(task), task.get(scheduling).lent);
}

/** Sets what a task is lent, Infinity for nothing (rt_mutex_setprio). Returns whether its effective priority changed. */
export function lendPriority(task: Task, priority: number): boolean {
  const before = effectivePriority(task);
  task.get(scheduling).lent = priority;
  return effectivePriority(task) !== before;
}

/** Told that a task's own priority changed: whoever keeps sleepers in order of priority moves it (rt_mutex_adjust_pi). */
export const onPriorityChange = new ExtensionPoint<(task: Task) => void>("onPriorityChange");

export function priorityChanged(task: Task): void {
  for (const hook of task.kernel.extensions(onPriorityChange)) hook(task);
}
