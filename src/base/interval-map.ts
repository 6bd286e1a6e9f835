/** A map from disjoint half-open intervals of numbers to values. Neighbours of the same value are one interval. */

export interface Interval<T> {
  readonly start: number;
  /** First number behind the interval. */
  readonly end: number;
  readonly value: T;
}

/**
 * Keeps intervals in one array by ascending start: a look-up takes O(log n), a change moves the elements behind it.
 *
 * Values are shared by the pieces of an interval that is split, so they must not depend on where it starts.
 */
export class IntervalMap<T> {
  private readonly intervals: Interval<T>[] = [];
  private readonly same: (a: T, b: T) => boolean;

  /** @param same - whether two neighbours merge; identity by default. */
  constructor(same: (a: T, b: T) => boolean = Object.is) {
    this.same = same;
  }

  /** Number of intervals. */
  get size(): number {
    return this.intervals.length;
  }

  get first(): Interval<T> | undefined {
    return this.intervals[0];
  }

  get last(): Interval<T> | undefined {
    return this.intervals.at(-1);
  }

  [Symbol.iterator](): Iterator<Interval<T>> {
    return this.intervals[Symbol.iterator]();
  }

  /** The interval that holds a number. */
  at(position: number): Interval<T> | undefined {
    const found = this.intervals[this.firstEndingAfter(position)];
    return found !== undefined && found.start <= position ? found : undefined;
  }

  /** The first interval that ends behind a number: the one that holds it, or the next one. */
  after(position: number): Interval<T> | undefined {
    return this.intervals[this.firstEndingAfter(position)];
  }

  /** The parts of intervals within a range, clipped to it. */
  within(start: number, end: number): Interval<T>[] {
    const parts: Interval<T>[] = [];
    if (start >= end) return parts;
    for (let i = this.firstEndingAfter(start); i < this.intervals.length; i++) {
      const { start: from, end: to, value } = this.intervals[i]!;
      if (from >= end) break;
      parts.push({ start: Math.max(from, start), end: Math.min(to, end), value });
    }
    return parts;
  }

  /** Whether every number of a range has a value. */
  covers(start: number, end: number): boolean {
    let reached = start;
    for (let i = this.firstEndingAfter(start); reached < end; i++) {
      const next = this.intervals[i];
      if (next === undefined || next.start > reached) return false;
      reached = next.end;
    }
    return true;
  }

  /** Gives a range a value, whatever it had. */
  set(start: number, end: number, value: T): void {
    if (start >= end) return;
    const { last } = this;
    // Nearly always they come in ascending order.
    if (last === undefined || last.end <= start) this.join(this.intervals, { start, end, value });
    else this.replace(start, end, [{ start, end, value }]);
  }

  /** Takes a range out, and returns the parts that had a value. */
  delete(start: number, end: number): Interval<T>[] {
    const removed = this.within(start, end);
    if (removed.length > 0) this.replace(start, end, []);
    return removed;
  }

  /** Changes the values within a range; what has none stays without. */
  update(start: number, end: number, change: (value: T) => T): void {
    const changed = this.within(start, end).map((part) => ({ ...part, value: change(part.value) }));
    if (changed.length > 0) this.replace(start, end, changed);
  }

  /** Start of the lowest free range of some length between two bounds, at a multiple of `align`. */
  gap(low: number, high: number, length: number, align: number): number | undefined {
    let candidate = Math.ceil(low / align) * align;
    for (let i = this.firstEndingAfter(candidate); candidate + length <= high; i++) {
      const next = this.intervals[i];
      if (next === undefined || candidate + length <= next.start) return candidate;
      candidate = Math.max(candidate, Math.ceil(next.end / align) * align);
    }
    return undefined;
  }

  private firstEndingAfter(position: number): number {
    let low = 0;
    let high = this.intervals.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.intervals[middle]!.end <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Puts `parts` (ascending, within the range) in the place of everything in the range. */
  private replace(start: number, end: number, parts: readonly Interval<T>[]): void {
    let from = this.firstEndingAfter(start);
    let to = from;
    while (to < this.intervals.length && this.intervals[to]!.start < end) to++;
    const pieces: Interval<T>[] = [];
    const head = this.intervals[from];
    const tail = this.intervals[to - 1];
    // Neighbours that only touch the range take part too: they may merge with what is put in.
    if (from > 0) this.join(pieces, this.intervals[--from]!);
    if (to > from && head !== undefined && head.start < start) this.join(pieces, { ...head, end: start });
    for (const part of parts) this.join(pieces, part);
    if (tail !== undefined && tail.end > end && tail.start < end) this.join(pieces, { ...tail, start: end });
    const behind = this.intervals[to];
    if (behind !== undefined) {
      this.join(pieces, behind);
      to++;
    }
    this.intervals.splice(from, to - from, ...pieces);
  }

  private join(pieces: Interval<T>[], part: Interval<T>): void {
    const last = pieces.at(-1);
    if (last !== undefined && last.end === part.start && this.same(last.value, part.value)) {
      pieces[pieces.length - 1] = { ...last, end: part.end };
    } else {
      pieces.push(part);
    }
  }
}
