/** Who sleeps on which word, and how they are woken. */
import type { Instant } from "../../abi/types.ts";

import { perTask } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import type { Wait } from "../../kernel/wait.ts";
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

  /** What a word is known by: its queue, if it has one already. */
  keyOf(name: number | string): FutexKey {
    return this.queues.get(name) ?? { words: this, name };
  }

  add(name: number | string, waiter: Waiter, priority: number): FutexQueue {
    let queue = this.queues.get(name);
    if (queue === undefined) {
      queue = new FutexQueue(this, name);
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
export class FutexQueue extends PriorityList<Waiter> implements FutexKey {
  readonly words: FutexWords;
  readonly name: number | string;

  constructor(words: FutexWords, name: number | string) {
    super();
    this.words = words;
    this.name = name;
  }
}

/** A task that sleeps on a word; one call may sleep on several. */
export class Waiter extends Entry<Waiter> {
  readonly task: Task;
  /** Only wakes that share a bit with these reach it. */
  bits: number;
  /** Where it waits; undefined once it was woken. */
  queue: FutexQueue | undefined;

  constructor(task: Task, bits: number) {
    super();
    this.task = task;
    this.bits = bits;
  }
}

/** On which words a task waits, nearly always one; and the waiter for when it is one. */
const waiting = perTask((task) => ({ on: [] as Waiter[], single: new Waiter(task, 0) }));

const UNTIL_ROUSED: Wait = { on: [] };

/** What a handler sleeps for until {@link rouse}, or until an instant. */
export function sleepUntil(deadline: Instant | undefined): Wait {
  return deadline === undefined ? UNTIL_ROUSED : { on: [], deadline };
}

/** What a task waits on now; it stays there when the task ends, unless somebody takes it out. */
export function waitersOf(task: Task): readonly Waiter[] {
  return task.get(waiting).on;
}

export function queueAt({ words, name }: FutexKey): FutexQueue | undefined {
  return words.at(name);
}

/** The waiter of a task that waits on one word: it has one for all times. */
export function singleWaiter(task: Task, bits: number): Waiter {
  const { single } = task.get(waiting);
  single.bits = bits;
  return single;
}

/**
 * Puts a waiter behind those that are as urgent. What counts is the task's own priority, not what it is lent
 * (futex_queue); all tasks that are not real-time are alike.
 */
export function enqueue(key: FutexKey, waiter: Waiter): void {
  waiter.queue = key.words.add(key.name, waiter, Math.min(normalPriority(waiter.task), FAIR_PRIORITY));
  waiter.task.get(waiting).on.push(waiter);
}

/** Ends waiting, without waking. Does nothing to a waiter that was woken. */
export function dequeue(waiter: Waiter): void {
  const { queue } = waiter;
  if (queue === undefined) return;
  queue.words.remove(waiter, queue);
  waiter.queue = undefined;
  const { on } = waiter.task.get(waiting);
  if (on.length === 1) on.pop();
  else on.splice(on.indexOf(waiter), 1);
}

/** Makes a waiter wait on another word, behind those that are as urgent (requeue_futex). */
export function requeue(waiter: Waiter, to: FutexKey): void {
  const { queue } = waiter;
  if (queue === undefined || sameKey(queue, to)) return;
  queue.words.remove(waiter, queue);
  waiter.queue = to.words.add(to.name, waiter, waiter.priority);
}

/** Ends waiting and lets the task go on. */
export function wakeUp(waiter: Waiter): void {
  dequeue(waiter);
  rouse(waiter.task);
}

/** Lets a task look at what it waits for. */
export function rouse(task: Task): void {
  task.kernel.scheduler.sleepers.rouse(task);
}
