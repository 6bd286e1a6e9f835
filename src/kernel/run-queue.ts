import { type Arrival, FAIR_RANK, type Share, type Turn, TurnList, UNIT_WEIGHT } from "./turn.ts";

/** How much more of its turn a task that wakes up must have left than the one that runs, to run in its place. */
const WAKE_UP_NS = 1_000_000;

/** Real-time tasks leave others this much of each second (sched_rt_runtime_us). */
const SERVED_NS = 50_000_000;
const STARVED_NS = 950_000_000;

/**
 * The tasks that can run and do not, in the order in which they will. Adding, taking and removing one cost O(1).
 *
 * Real-time tasks have one list for each rank. The others take turns in rounds: whoever has used up its turn waits until all
 * others have used theirs, and what it ran too long is taken off its next turn, so that in the long run each has its share
 * by weight. Whoever has slept still has most of its turn, and goes first.
 */
export class RunQueue {
  private waiting = 0;
  private readonly realTime: TurnList[] = Array.from({ length: FAIR_RANK }, () => new TurnList());
  /** A bit for each real-time list that is not empty, 32 to a word. */
  private readonly occupied = new Int32Array(Math.ceil(FAIR_RANK / 32));
  /** Fair tasks that woke up, those whose turn goes on, and those whose turn is over for this round. */
  private readonly woken = new TurnList();
  private ready = new TurnList();
  private spent = new TurnList();
  private round = 0;
  /** How long real-time tasks have run while others waited, and how long the others have run since that was too long. */
  private starvedNs = 0;
  private servedNs = 0;

  /** Tasks that wait. */
  get size(): number {
    return this.waiting;
  }

  /** Adds a task; does nothing if it waits already. */
  add(turn: Turn, arrival: Arrival): void {
    if (turn.list !== undefined) return;
    this.waiting++;
    if (turn.rank === FAIR_RANK) this.addFair(turn, arrival);
    else this.addRealTime(turn, arrival);
  }

  /** The task that is to run next; it goes on waiting. */
  next(): Turn | undefined {
    return (this.servesFair ? this.nextFair() : undefined) ?? this.nextRealTime() ?? this.nextFair();
  }

  /** Takes the task that is to run next. */
  take(): Turn | undefined {
    const turn = this.next();
    if (turn !== undefined) this.remove(turn);
    return turn;
  }

  remove(turn: Turn): void {
    const { list, rank } = turn;
    if (list === undefined) return;
    this.waiting--;
    list.remove(turn);
    if (rank < FAIR_RANK && list.first === undefined) this.occupied[rank >>> 5]! &= ~(1 << (rank & 31));
  }

  /**
   * Gives a task, waiting or not, other parameters. One that waits goes behind those that are as urgent, or before them if
   * it has become less urgent (__sched_setscheduler of kernel/sched/syscalls.c).
   */
  change(turn: Turn, to: Share): void {
    const before = turn.rank;
    const waits = turn.list !== undefined && before !== to.rank;
    if (waits) this.remove(turn);
    const stays = before === FAIR_RANK && to.rank === FAIR_RANK;
    turn.rank = to.rank;
    turn.order = to.order;
    turn.weight = to.weight;
    turn.left = stays ? Math.min(turn.left, turn.length) : turn.length;
    if (waits) this.add(turn, before < to.rank ? "interrupted" : "woken");
  }

  /** Counts the time that a task has run, which waits no longer. */
  charge(turn: Turn, ns: number): void {
    turn.left -= ns;
    if (turn.rank < FAIR_RANK) this.starvedNs = this.fairIsEmpty ? 0 : this.starvedNs + ns;
    else if (this.servesFair) this.servedNs += ns;
    if (this.servedNs < SERVED_NS && this.starvedNs > 0) return;
    this.starvedNs = 0;
    this.servedNs = 0;
  }

  /** Whether a task that just woke up is to run in place of another at once. */
  interrupts(woken: Turn, running: Turn): boolean {
    if (woken.rank === running.rank) return running.order === "idle" && woken.order !== "idle";
    return woken.rank < running.rank && !(running.rank === FAIR_RANK && this.servesFair);
  }

  /** Whether a more urgent task than this one waits. */
  isOutranked(running: Turn): boolean {
    const next = this.nextRealTime();
    return next !== undefined && next.rank < running.rank && !(running.rank === FAIR_RANK && this.servesFair);
  }

  /** Whether one that waits is to run in place of a task that has run for a while. */
  isOver(running: Turn): boolean {
    if (this.waiting === 0) return false;
    if (this.isOutranked(running)) return true;
    if (running.rank < FAIR_RANK) {
      if (this.servesFair && !this.fairIsEmpty) return true;
      return running.left <= 0 && this.realTime[running.rank]!.first !== undefined;
    }
    if (this.fairIsEmpty) return false;
    const { first } = this.woken;
    return running.left <= 0 || (first !== undefined && credit(first) > credit(running) + WAKE_UP_NS);
  }

  /** Whether a task that gives way would let another one run. */
  hasEqual({ rank }: Turn): boolean {
    return rank === FAIR_RANK ? this.waiting > 0 : this.realTime[rank]!.first !== undefined;
  }

  /** Those of which any may run next: one that is real-time if there is one, else all. */
  candidates(): readonly Turn[] {
    const urgent = this.nextRealTime();
    if (urgent !== undefined && (this.fairIsEmpty || !this.servesFair)) return [urgent];
    return [...this.woken, ...this.ready, ...this.spent];
  }

  private get fairIsEmpty(): boolean {
    return this.woken.first === undefined && this.ready.first === undefined && this.spent.first === undefined;
  }

  /** Whether it is the turn of those that real-time tasks have starved. */
  private get servesFair(): boolean {
    return this.starvedNs >= STARVED_NS;
  }

  private addRealTime(turn: Turn, arrival: Arrival): void {
    const over = turn.left <= 0;
    if (over) turn.left = turn.length;
    this.occupied[turn.rank >>> 5]! |= 1 << (turn.rank & 31);
    const list = this.realTime[turn.rank]!;
    if (arrival === "interrupted" && !over) list.addFirst(turn);
    else list.addLast(turn);
  }

  private addFair(turn: Turn, arrival: Arrival): void {
    this.refill(turn);
    if (arrival === "yielded" || turn.left <= 0) this.spent.addLast(turn);
    else if (arrival === "interrupted") this.ready.addFirst(turn);
    // A new one has not slept: its parent goes on first.
    else if (arrival === "woken" && turn.order === "fair") this.woken.addLast(turn);
    else this.ready.addLast(turn);
  }

  private nextRealTime(): Turn | undefined {
    for (let word = 0; word < this.occupied.length; word++) {
      const bits = this.occupied[word]!;
      if (bits !== 0) return this.realTime[word * 32 + 31 - Math.clz32(bits & -bits)]!.first;
    }
    return undefined;
  }

  /**
   * The next fair task with something left of its turn. Those without are passed over, round by round; a turn lasts longer than
   * that takes.
   */
  private nextFair(): Turn | undefined {
    if (this.woken.first !== undefined) return this.woken.first;
    for (;;) {
      const { first } = this.ready;
      if (first === undefined) {
        if (this.spent.first === undefined) return undefined;
        this.round++;
        [this.ready, this.spent] = [this.spent, this.ready];
        continue;
      }
      this.refill(first);
      // Nobody waits for what the only one owes.
      if (this.waiting === 1) first.left = first.length;
      if (first.left > 0) return first;
      this.ready.remove(first);
      this.spent.addLast(first);
    }
  }

  /** Adds the turns of the rounds since it last ran: one at most is kept. */
  private refill(turn: Turn): void {
    if (turn.round === this.round) return;
    turn.left = Math.min(turn.length, turn.left + turn.length * (this.round - turn.round));
    turn.round = this.round;
  }
}

/** What is left of a fair task's turn, as if it had the unit's weight. */
function credit({ left, weight }: Turn): number {
  return (left * UNIT_WEIGHT) / weight;
}
