import type { Instant } from "../abi/types.ts";

/** A call that is to be made at an instant. */
export interface Timer {
  readonly when: Instant;
  cancel(): void;
}

/** Pending timers, soonest first: a binary heap. Setting, cancelling and firing one costs O(log n). */
export class Timers {
  private readonly heap: Entry[] = [];
  private order = 0;

  add(when: Instant, call: () => void): Timer {
    const entry = new Entry(this, when, call, this.order++);
    this.heap.push(entry);
    this.rise(entry, this.heap.length - 1);
    return entry;
  }

  /** When the next one is due; undefined if there is none. */
  next(): Instant | undefined {
    return this.heap[0]?.when;
  }

  /** Calls those that are due. What they set for the same instant is called too. */
  run(now: Instant): void {
    for (let [first] = this.heap; first !== undefined && first.when <= now; [first] = this.heap) {
      this.remove(first);
      first.call();
    }
  }

  /** Does nothing to an entry that has fired or was removed. */
  remove(entry: Entry): void {
    const { at } = entry;
    if (at < 0) return;
    entry.at = -1;
    const last = this.heap.pop()!;
    if (last === entry) return;
    // The last one takes its place, and goes up or down from there.
    if (at > 0 && isBefore(last, this.heap[(at - 1) >>> 1]!)) this.rise(last, at);
    else this.sink(last, at);
  }

  private rise(entry: Entry, from: number): void {
    let at = from;
    while (at > 0) {
      const parent = this.heap[(at - 1) >>> 1]!;
      if (!isBefore(entry, parent)) break;
      this.put(parent, at);
      at = (at - 1) >>> 1;
    }
    this.put(entry, at);
  }

  private sink(entry: Entry, from: number): void {
    const { heap } = this;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, entry)) break;
      this.put(heap[child]!, at);
      at = child;
    }
    this.put(entry, at);
  }

  private put(entry: Entry, at: number): void {
    this.heap[at] = entry;
    entry.at = at;
  }
}

class Entry implements Timer {
  readonly when: Instant;
  readonly call: () => void;
  /** Equal instants fire in the order in which they were set. */
  readonly order: number;
  /** Where it is in the heap; -1 when it has left. */
  at = 0;
  private readonly timers: Timers;

  constructor(timers: Timers, when: Instant, call: () => void, order: number) {
    this.timers = timers;
    this.when = when;
    this.call = call;
    this.order = order;
  }

  cancel(): void {
    this.timers.remove(this);
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.when < b.when || (a.when === b.when && a.order < b.order);
}
