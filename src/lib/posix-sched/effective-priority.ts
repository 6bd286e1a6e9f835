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
import { FAIR_RANK, type Share, type TurnOrder, UNIT_WEIGHT } from "../../kernel/turn.ts";

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
  fork(parent, child) {
    const own = { ...(parent.resetOnFork ? afterReset(parent) : parent), resetOnFork: false };
    const state = { ...own, lent: Number.POSITIVE_INFINITY };
    child.kernel.scheduler.setShare(child, shareOf(state));
    return state;
  },
});

/** SCHED_RESET_ON_FORK: a child is not real-time, and no better than nice 0 (sched_fork). */
function afterReset(parent: Scheduling): Scheduling {
  if (parent.realTime > 0) return { ...parent, policy: SCHED.OTHER, nice: 0, realTime: 0 };
  return { ...parent, nice: Math.max(parent.nice, 0) };
}

/** The most urgent priority of a task that is not real-time: all such wait alike (MAX_RT_PRIO). */
export const FAIR_PRIORITY = 100;
const MOST_URGENT = 99;
const NICE_0 = 120;

/** A task's own priority, whatever it is lent. */
export function normalPriority(task: Task): number {
  return priorityOf(task.get(scheduling));
}

function priorityOf({ realTime, nice }: Scheduling): number {
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
  if (effectivePriority(task) === before) return false;
  applyShare(task);
  return true;
}

/** Told that a task's own priority changed: whoever keeps sleepers in order of priority moves it (rt_mutex_adjust_pi). */
export const onPriorityChange = new ExtensionPoint<(task: Task) => void>("onPriorityChange");

/** Puts a task's changed policy, priority or nice value into force. */
export function priorityChanged(task: Task): void {
  applyShare(task);
  for (const hook of task.kernel.extensions(onPriorityChange)) hook(task);
}

function applyShare(task: Task): void {
  task.kernel.scheduler.setShare(task, shareOf(task.get(scheduling)));
}

/** Linux gives SCHED_IDLE this weight, whatever its nice value (WEIGHT_IDLEPRIO). */
const IDLE_WEIGHT = 3;

/** A step of nice is a tenth of the processor between two tasks: a factor of 1.25 (sched_prio_to_weight). */
const NICE_STEP = 1.25;

function shareOf(state: Scheduling): Share {
  const priority = Math.min(priorityOf(state), state.lent);
  const isIdle = state.policy === SCHED.IDLE;
  const weight = isIdle ? IDLE_WEIGHT : Math.round(UNIT_WEIGHT / NICE_STEP ** state.nice);
  return { rank: Math.min(priority, FAIR_RANK), order: orderOf(state, priority), weight };
}

function orderOf({ policy }: Scheduling, priority: number): TurnOrder {
  if (priority < FAIR_PRIORITY) return policy === SCHED.RR ? "round-robin" : "fifo";
  if (policy === SCHED.BATCH) return "batch";
  return policy === SCHED.IDLE ? "idle" : "fair";
}
