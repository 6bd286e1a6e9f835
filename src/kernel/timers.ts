import type { Instant } from "../abi/types.ts";

/** A call that is to be made at an instant. */
export interface Timer {
  readonly when: Instant;
  cancel(): void;
}

interface Entry {
  readonly when: Instant;
  /** Undefined once it was called or cancelled. */
  call: (() => void) | undefined;
  /** Equal instants fire in the order in which they were set. */
  readonly order: number;
}

/** Pending timers, soonest first: a binary heap whose cancelled entries leave when they come to its top. */
export class Timers {
  private readonly heap: Entry[] = [];
  private order = 0;

  add(when: Instant, call: () => void): Timer {
    const entry: Entry = { when, call, order: this.order++ };
    this.push(entry);
    return {
      when,
      cancel() {
        entry.call = undefined;
      },
    };
  }

  /** When the next one is due; undefined if there is none. */
  next(): Instant | undefined {
    while (this.heap[0] !== undefined && this.heap[0].call === undefined) this.pop();
    return this.heap[0]?.when;
  }

  /** Calls those that are due. What they set for the same instant is called too. */
  run(now: Instant): void {
    for (let when = this.next(); when !== undefined && when <= now; when = this.next()) {
      const entry = this.pop()!;
      const { call } = entry;
      entry.call = undefined;
      call?.();
    }
  }

  clear(): void {
    this.heap.length = 0;
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  private pop(): Entry | undefined {
    const { heap } = this;
    const top = heap[0];
    const last = heap.pop();
    if (last === undefined || last === top) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.when < b.when || (a.when === b.when && a.order < b.order);
}
