import type { Interleaving } from "../../kernel/interleaving.ts";
import type { Task } from "../../kernel/task.ts";
import { SeededRandom } from "./entropy.ts";

/** How often tasks give way in one run; a seed draws one of each, because different faults show under different ones. */
const AFTER_CALLS = [1, 0.5, 0.1] as const;
const MEAN_FUEL = [30, 300, 3_000, 30_000, 1_000_000] as const;
/** How likely it is that a task loses its place when it is stopped, where tasks have places. */
const DEMOTIONS = [1, 0.3, 0.05] as const;

/** How far a task has come: what it is stopped at, in the hash of a schedule. */
interface Position {
  calls: number;
  /** Instructions since the last call, as far as the task was stopped since. */
  instructions: number;
}

/**
 * An order in which tasks run, drawn from a seed: the same seed is the same order.
 *
 * Half of the seeds choose freely at each stop; the other half give each task a place of its own and let the first one run
 * until it sleeps or loses its place, which reaches orders that free choice hardly ever does.
 */
export class SeededInterleaving implements Interleaving {
  private readonly random: SeededRandom;
  private readonly afterCalls: number;
  private readonly meanFuel: number;
  private readonly demotion: number | undefined;
  private readonly places = new Map<Task, number>();
  private readonly positions = new Map<Task, Position>();
  private readonly every: number;
  private readonly look: () => void;
  private readonly pass: (instructions: number) => void;
  private readonly hash = new ScheduleHash();
  /** Instructions that were granted since the last look. */
  private granted = 0;
  /** What was granted last, unless a system call has ended it. */
  private unbroken = 0;
  private last: Task | undefined;

  /**
   * @param look - called at least once in so many instructions (`every`), to see how far the run is.
   * @param pass - told of instructions that a task has run without a system call: time passes with them.
   */
  constructor(seed: number, every: number, look: () => void, pass: (instructions: number) => void) {
    this.random = new SeededRandom(Math.imul(seed, 0x9e3779b1) ^ seed);
    this.every = every;
    this.look = look;
    this.pass = pass;
    this.afterCalls = this.oneOf(AFTER_CALLS);
    this.meanFuel = this.oneOf(MEAN_FUEL);
    this.demotion = this.random.below(2) === 0 ? undefined : this.oneOf(DEMOTIONS);
  }

  /** Names the order that was run: equal for two seeds that came to the same one. */
  get schedule(): string {
    return this.hash.text;
  }

  fuel(task: Task): number {
    // Exponentially distributed, so that no instruction is likelier to be stopped at than another.
    const fuel = 1 + Math.floor(-Math.log(1 - this.random.fraction()) * this.meanFuel);
    this.positionOf(task).instructions += fuel;
    this.pass(this.unbroken);
    this.unbroken = fuel;
    // A task may leave most of what it is granted; it never takes more.
    this.granted += fuel;
    if (this.granted >= this.every) {
      this.granted = 0;
      this.look();
    }
    return fuel;
  }

  afterCall(task: Task): boolean {
    const position = this.positionOf(task);
    position.calls++;
    position.instructions = 0;
    this.unbroken = 0;
    return this.random.fraction() < this.afterCalls;
  }

  choose(tasks: readonly Task[]): Task {
    const chosen = this.demotion === undefined ? tasks[this.random.below(tasks.length)]! : this.firstPlaced(tasks);
    const { last } = this;
    this.last = chosen;
    if (last !== undefined && last !== chosen) {
      const { calls, instructions } = this.positionOf(last);
      this.hash.add(last.tid, calls, instructions, chosen.tid);
    }
    return chosen;
  }

  private firstPlaced(tasks: readonly Task[]): Task {
    const { last } = this;
    if (last !== undefined && tasks.includes(last) && this.random.fraction() < this.demotion!) {
      this.places.set(last, this.random.fraction());
    }
    let first = tasks[0]!;
    for (const task of tasks) if (this.placeOf(task) < this.placeOf(first)) first = task;
    return first;
  }

  private placeOf(task: Task): number {
    const known = this.places.get(task);
    if (known !== undefined) return known;
    const place = this.random.fraction();
    this.places.set(task, place);
    return place;
  }

  private positionOf(task: Task): Position {
    const known = this.positions.get(task);
    if (known !== undefined) return known;
    const position = { calls: 0, instructions: 0 };
    this.positions.set(task, position);
    return position;
  }

  private oneOf<T>(values: readonly T[]): T {
    return values[this.random.below(values.length)]!;
  }
}

/** A hash of numbers in order: two words of 32 bits, mixed by different multipliers. */
class ScheduleHash {
  private a = 0x811c9dc5;
  private b = 0x9dc5811c;

  get text(): string {
    return [this.a, this.b].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }

  add(...numbers: readonly number[]): void {
    for (const number of numbers) {
      this.a = Math.imul(this.a ^ number, 0x01000193);
      this.a ^= this.a >>> 15;
      this.b = Math.imul(this.b + number, 0x85ebca6b);
      this.b ^= this.b >>> 13;
    }
  }
}
