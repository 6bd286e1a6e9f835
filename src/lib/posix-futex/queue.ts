/** Who sleeps on which word, and how they are woken. */
import type { Instant } from "../../abi/types.ts";

import { perTask } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import { type Wait, WaitQueue } from "../../kernel/wait.ts";
import { FAIR_PRIORITY, normalPriority } from "../posix-sched/index.ts";
import { Entry, PriorityList } from "./priority-list.ts";

/** Empty queues that are kept at least: who waits again on the same word finds its queue. */
const KEPT_EMPTY = 64;

/** The words of one kind on which somebody sleeps, or did a moment ago, by what they are called among them. */
export class FutexWords {
  private readonly queues = new Map<number | string, FutexQueue>();
  private empty = 0;

  at(name: number | string): FutexQueue | undefined {
    return this.queues.get(name);
  }

  add(key: FutexKey, waiter: Waiter, priority: number): FutexQueue {
    const { name } = key;
    let queue = this.queues.get(name);
    if (queue === undefined) {
      queue = new FutexQueue(key);
      this.queues.set(name, queue);
    } else if (queue.first === undefined) {
      this.empty--;
    }
    queue.add(waiter, priority);
    return queue;
  }

  remove(waiter: Waiter, queue: FutexQueue): void {
    queue.remove(waiter);
    if (queue.first === undefined && ++this.empty > KEPT_EMPTY && this.empty > this.queues.size / 2) this.sweep();
  }

  private sweep(): void {
    for (const [name, queue] of this.queues) if (queue.first === undefined) this.queues.delete(name);
    this.empty = 0;
  }
}

/** Which word: two keys are the same word if both members are the same. */
export interface FutexKey {
  readonly words: FutexWords;
  readonly name: number | string;
}

export function sameKey(a: FutexKey, b: FutexKey): boolean {
  return a.words === b.words && a.name === b.name;
}

/** The sleepers of one word. */
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
const sleeping = perTask(() => {
  const place = new WaitQueue();
  return { place, untilRoused: { on: [place] } as Wait, waiters: [] as Waiter[] };
});

/** What a handler yields to sleep until {@link rouse}, or until an instant. */
export function sleepUntil(task: Task, deadline: Instant | undefined): Wait {
  const { untilRoused } = task.get(sleeping);
  return deadline === undefined ? untilRoused : { ...untilRoused, deadline };
}

/** What a task waits on now; it stays there when the task ends, unless somebody takes it out. */
export function waitersOf(task: Task): readonly Waiter[] {
  return task.get(sleeping).waiters;
}

export function queueAt({ words, name }: FutexKey): FutexQueue | undefined {
  return words.at(name);
}

/**
 * Puts a waiter behind those that are as urgent. What counts is the task's own priority, not what it is lent
 * (futex_queue); all tasks that are not real-time are alike.
 */
export function enqueue(key: FutexKey, waiter: Waiter): void {
  waiter.queue = key.words.add(key, waiter, Math.min(normalPriority(waiter.task), FAIR_PRIORITY));
  waiter.task.get(sleeping).waiters.push(waiter);
}

/** Ends waiting, without waking. Does nothing to a waiter that was woken. */
export function dequeue(waiter: Waiter): void {
  const { queue } = waiter;
  if (queue === undefined) return;
  queue.key.words.remove(waiter, queue);
  waiter.queue = undefined;
  const { waiters } = waiter.task.get(sleeping);
  if (waiters.length === 1) waiters.pop();
  else waiters.splice(waiters.indexOf(waiter), 1);
}

/** Makes a waiter wait on another word, behind those that are as urgent (requeue_futex). */
export function requeue(waiter: Waiter, to: FutexKey): void {
  const { queue } = waiter;
  if (queue === undefined || sameKey(queue.key, to)) return;
  queue.key.words.remove(waiter, queue);
  waiter.queue = to.words.add(to, waiter, waiter.priority);
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
