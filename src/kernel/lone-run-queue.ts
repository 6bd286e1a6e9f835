import type { RunQueue as RunQueueOfMany } from "./run-queue.ts";
import type { Turn } from "./turn.ts";

/** The run queue of an image that never has a second task: nobody is ever in somebody's way. */
export class RunQueue implements Pick<RunQueueOfMany, keyof RunQueueOfMany> {
  private waiting: Turn | undefined;

  get size(): number {
    return this.waiting === undefined ? 0 : 1;
  }

  add(turn: Turn): void {
    this.waiting = turn;
  }

  next(): Turn | undefined {
    return this.waiting;
  }

  take(): Turn | undefined {
    const { waiting } = this;
    this.waiting = undefined;
    return waiting;
  }

  remove(): void {
    this.waiting = undefined;
  }

  change(): void {}

  charge(): void {}

  interrupts(): boolean {
    return false;
  }

  isOutranked(): boolean {
    return false;
  }

  isOver(): boolean {
    return false;
  }

  hasEqual(): boolean {
    return false;
  }

  candidates(): readonly Turn[] {
    return this.waiting === undefined ? [] : [this.waiting];
  }
}
