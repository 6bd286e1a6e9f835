/** Hands out runs of table slots, first fit. */
export class SlotAllocator {
  private free: { start: number; end: number }[];

  constructor(start: number, end: number) {
    this.free = [{ start, end }];
  }

  /** The first of `count` consecutive slots, or undefined if there is no such run. */
  take(count: number): number | undefined {
    const run = this.free.find(({ start, end }) => end - start >= count);
    if (run === undefined) return undefined;
    const { start } = run;
    run.start += count;
    return start;
  }

  give(start: number, count: number): void {
    this.free.push({ start, end: start + count });
    this.free.sort((a, b) => a.start - b.start);
    const joined: { start: number; end: number }[] = [];
    for (const run of this.free) {
      const last = joined.at(-1);
      if (last?.end === run.start) last.end = run.end;
      else if (run.end > run.start) joined.push(run);
    }
    this.free = joined;
  }
}
