import type { Result } from "../abi/errno.ts";
import type { Instant } from "../abi/types.ts";

/** Why a sleep ended. */
export type WakeReason = "woken" | "timeout" | "signal";

/** What a handler yields to sleep: the places that may wake it, and until when. */
export interface Wait {
  readonly on: readonly WaitQueue[];
  /** Absolute, on the monotonic clock. */
  readonly deadline?: Instant | undefined;
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
  private readonly sleepers = new Set<Sleeper>();
  /** Told of every wake-up, whether somebody sleeps or not. */
  private watchers: Set<() => void> | undefined;

  get length(): number {
    return this.sleepers.size;
  }

  /** Wakes at most `count` sleepers and returns how many it woke. */
  wake(count = Number.POSITIVE_INFINITY): number {
    if (this.watchers !== undefined) for (const told of this.watchers) told();
    let woken = 0;
    if (this.sleepers.size === 0) return woken;
    for (const sleeper of this.sleepers) {
      if (woken >= count) break;
      this.sleepers.delete(sleeper);
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
    this.sleepers.add(sleeper);
  }

  remove(sleeper: Sleeper): void {
    this.sleepers.delete(sleeper);
  }
}

/** Tells a sleeping answer from a result. */
export function isBlocking<T>(answer: Answer<T> | Wait): answer is Blocking<T> {
  return typeof answer === "object" && answer !== null && (answer as Partial<Blocking<T>>).next !== undefined;
}
