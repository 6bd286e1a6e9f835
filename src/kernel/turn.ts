import type { Task } from "./task.ts";

/** How a task takes its turns (sched(7)). */
export type TurnOrder =
  /** Until it sleeps or gives way: SCHED_FIFO. */
  | "fifo"
  /** In turns of equal length: SCHED_RR. */
  | "round-robin"
  /** In turns by weight: SCHED_OTHER. */
  | "fair"
  /** As fair ones, but waking up interrupts nobody: SCHED_BATCH. */
  | "batch"
  /** As batch ones, and whoever else wakes up interrupts it: SCHED_IDLE. */
  | "idle";

/** Ranks below this one are real-time: 0 is the most urgent, and runs before all others whatever time it takes. */
export const FAIR_RANK = 99;

/** The weight of nice 0 (NICE_0_LOAD). */
export const UNIT_WEIGHT = 1024;

/** A turn of a fair task of weight {@link UNIT_WEIGHT}. */
export const FAIR_TURN_NS = 4_000_000;

/** A turn under SCHED_RR (RR_TIMESLICE). */
export const ROUND_ROBIN_TURN_NS = 100_000_000;

/** Why a task waits for the processor. */
export type Arrival = "new" | "woken" | "interrupted" | "yielded";

/** How much of the processor a task is to have. */
export interface Share {
  readonly rank: number;
  readonly order: TurnOrder;
  /** Of those that are not real-time: {@link UNIT_WEIGHT} for nice 0. */
  readonly weight: number;
}

/** A task's place among those that wait for the processor, and what it may use of it. */
export class Turn {
  readonly task: Task;
  /** Changed by {@link RunQueue.change} alone. */
  rank = FAIR_RANK;
  order: TurnOrder = "fair";
  weight = UNIT_WEIGHT;
  /** Nanoseconds left; below 0 is a debt to its next turns. */
  left = FAIR_TURN_NS;
  /** The round of turns that {@link left} belongs to. */
  round = 0;
  list: TurnList | undefined;
  before: Turn | undefined;
  after: Turn | undefined;

  constructor(task: Task) {
    this.task = task;
  }

  /** Length of a whole turn. */
  get length(): number {
    if (this.rank === FAIR_RANK) return (FAIR_TURN_NS * this.weight) / UNIT_WEIGHT;
    return this.order === "round-robin" ? ROUND_ROBIN_TURN_NS : Number.POSITIVE_INFINITY;
  }
}

/** Turns in order. */
export class TurnList {
  first: Turn | undefined;
  last: Turn | undefined;

  addLast(turn: Turn): void {
    turn.list = this;
    turn.before = this.last;
    turn.after = undefined;
    if (this.last === undefined) this.first = turn;
    else this.last.after = turn;
    this.last = turn;
  }

  addFirst(turn: Turn): void {
    turn.list = this;
    turn.before = undefined;
    turn.after = this.first;
    if (this.first === undefined) this.last = turn;
    else this.first.before = turn;
    this.first = turn;
  }

  remove(turn: Turn): void {
    if (turn.before === undefined) this.first = turn.after;
    else turn.before.after = turn.after;
    if (turn.after === undefined) this.last = turn.before;
    else turn.after.before = turn.before;
    turn.list = undefined;
    turn.before = undefined;
    turn.after = undefined;
  }

  *[Symbol.iterator](): Iterator<Turn> {
    for (let turn = this.first; turn !== undefined; turn = turn.after) yield turn;
  }
}
