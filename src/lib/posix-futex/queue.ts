/** Who sleeps on which word, and how they are woken. */

import { perTask } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import { WaitQueue } from "../../kernel/wait.ts";
import { FAIR_PRIORITY, normalPriority } from "../posix-sched/index.ts";
import { Entry, PriorityList } from "./priority-list.ts";

/** The words of one kind on which somebody sleeps, by what they are called among them. */
export type FutexWords = Map<number | string, FutexQueue>;

/** Which word: two keys are the same word if both members are the same. */
export interface FutexKey {
  readonly words: FutexWords;
  readonly name: number | string;
}

export function sameKey(a: FutexKey, b: FutexKey): boolean {
  return a.words === b.words && a.name === b.name;
}

/** The sleepers of one word. It exists while there are any. */
export class FutexQueue extends PriorityList<Waiter> {
  readonly key: FutexKey;

  constructor(key: FutexKey) {
    super();
    this.key = key;
  }
}

/** A task that sleeps on a word; one call may sleep on several. */
export class Waiter extends Entry<Waiter> {
  readonly task: Task;
  /** Only wakes that share a bit with these reach it. */
  readonly bits: number;
  /** Where it waits; undefined once it was woken. */
  queue: FutexQueue | undefined;

  constructor(task: Task, bits: number) {
    super();
    this.task = task;
    this.bits = bits;
  }
}

/** What a task sleeps at while it waits for futexes, and on which: nearly always one. */
const sleeping = perTask(() => ({ place: new WaitQueue(), waiters: [] as Waiter[] }));

/** The place that {@link wakeUp} wakes a task at. */
export function sleepingPlace(task: Task): WaitQueue {
  return task.get(sleeping).place;
}

/** What a task waits on now; it stays there when the task ends, unless somebody takes it out. */
export function waitersOf(task: Task): readonly Waiter[] {
  return task.get(sleeping).waiters;
}

export function queueAt({ words, name }: FutexKey): FutexQueue | undefined {
  return words.get(name);
}

/**
 * Puts a waiter behind those that are as urgent. What counts is the task's own priority, not what it is lent
 * (futex_queue); all tasks that are not real-time are alike.
 */
export function enqueue(key: FutexKey, waiter: Waiter): void {
  attach(key, waiter, Math.min(normalPriority(waiter.task), FAIR_PRIORITY));
  waiter.task.get(sleeping).waiters.push(waiter);
}

/** Ends waiting, without waking. Does nothing to a waiter that was woken. */
export function dequeue(waiter: Waiter): void {
  if (waiter.queue === undefined) return;
  detach(waiter, waiter.queue);
  const { waiters } = waiter.task.get(sleeping);
  if (waiters.length === 1) waiters.pop();
  else waiters.splice(waiters.indexOf(waiter), 1);
}

/** Makes a waiter wait on another word, behind those that are as urgent (requeue_futex). */
export function requeue(waiter: Waiter, to: FutexKey): void {
  const { queue } = waiter;
  if (queue === undefined || sameKey(queue.key, to)) return;
  detach(waiter, queue);
  attach(to, waiter, waiter.priority);
}

/** Ends waiting and lets the task go on. */
export function wakeUp(waiter: Waiter): void {
  dequeue(waiter);
  rouse(waiter.task);
}

/** Lets a task look at what it waits for. */
export function rouse(task: Task): void {
  task.get(sleeping).place.wake();
}

function attach(key: FutexKey, waiter: Waiter, priority: number): void {
  let queue = queueAt(key);
  if (queue === undefined) {
    queue = new FutexQueue(key);
    key.words.set(key.name, queue);
  }
  queue.add(waiter, priority);
  waiter.queue = queue;
}

function detach(waiter: Waiter, queue: FutexQueue): void {
  queue.remove(waiter);
  waiter.queue = undefined;
  if (queue.first === undefined) queue.key.words.delete(queue.key.name);
}
