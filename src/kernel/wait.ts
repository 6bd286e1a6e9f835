import type { Result } from "../abi/errno.ts";
import type { Instant } from "../abi/types.ts";

/** Why a sleep ended. */
export type WakeReason = "woken" | "timeout" | "signal";

/** What a handler yields to sleep: the places that may wake it, and until when. */
export interface Wait {
  readonly on: readonly WaitQueue[];
  /** Absolute, on the monotonic clock. */
  readonly deadline?: Instant | undefined;
  /** Where the task stands in a line: it leaves that if it ends before anything else of it is let go. */
  readonly line?: { withdraw(): void };
  /** False only for sleeps that Linux calls uninterruptible. Default true. */
  readonly interruptible?: boolean;
}

/**
 * A handler that sleeps: it yields what it waits for and is resumed with why it woke.
 *
 * The kernel runs one handler at a time, so that between two yields nothing else changes kernel state.
 */
export type Blocking<T = number> = Generator<Wait, Result<T>, WakeReason>;

/** What a handler answers: a result now, or a sleep. */
export type Answer<T = number> = Result<T> | Blocking<T>;

/**
 * What a system call answers to the kernel: as any handler, or only what it waits for. Then its declaration's `restart` goes on
 * from `task.restart` and is told why the sleep ended, for a tenth of what a generator costs.
 */
export type CallAnswer = Answer | Wait;

/** One sleeper, in every queue that can wake it. */
export interface Sleeper {
  wake(): void;
}

/** A place to sleep at; the oldest sleeper is woken first. Enqueuing and waking cost O(1) a sleeper. */
export class WaitQueue {
  /** Nearly always there is one at the most. */
  private single: Sleeper | undefined;
  private several: Set<Sleeper> | undefined;
  /** Told of every wake-up, whether somebody sleeps or not. */
  private watchers: Set<() => void> | undefined;

  get length(): number {
    return this.single === undefined ? (this.several?.size ?? 0) : 1;
  }

  /** Wakes at most `count` sleepers and returns how many it woke. */
  wake(count = Number.POSITIVE_INFINITY): number {
    if (this.watchers !== undefined) for (const told of this.watchers) told();
    const { single, several } = this;
    if (single !== undefined && count > 0) {
      this.single = undefined;
      single.wake();
      return 1;
    }
    let woken = 0;
    if (several === undefined || several.size === 0) return woken;
    for (const sleeper of several) {
      if (woken >= count) break;
      several.delete(sleeper);
      sleeper.wake();
      woken++;
    }
    return woken;
  }

  /** Has `told` called at each wake-up until {@link unwatch}. */
  watch(told: () => void): void {
    this.watchers ??= new Set();
    this.watchers.add(told);
  }

  unwatch(told: () => void): void {
    this.watchers?.delete(told);
  }

  /** For the scheduler: handlers yield a {@link Wait} instead. */
  add(sleeper: Sleeper): void {
    const { single } = this;
    if (single === sleeper) return;
    if (single === undefined && (this.several === undefined || this.several.size === 0)) {
      this.single = sleeper;
      return;
    }
    this.several ??= new Set();
    if (single !== undefined) this.several.add(single);
    this.single = undefined;
    this.several.add(sleeper);
  }

  remove(sleeper: Sleeper): void {
    if (this.single === sleeper) this.single = undefined;
    else this.several?.delete(sleeper);
  }
}

/** Tells a sleeping answer from a result. */
export function isBlocking<T>(answer: Answer<T> | Wait): answer is Blocking<T> {
  return typeof answer === "object" && answer !== null && (answer as Partial<Blocking<T>>).next !== undefined;
}
