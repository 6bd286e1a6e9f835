import type { HostClock } from "../../kernel/host.ts";

interface Entry {
  readonly when: number;
  readonly call: () => void;
}

/**
 * A clock that stands still while the kernel works and jumps to the next timer when it waits for one.
 *
 * So a test of a long sleep takes no time, and every run sees the same instants.
 */
export class VirtualClock implements HostClock {
  /** Nanoseconds that pass at each reading, for programs that wait in a loop. */
  readonly tickNs: number;
  /** Told when the kernel waits and nothing is due ever: whoever sleeps now sleeps for good. */
  onStuck: (() => void) | undefined;
  private nowNs = 1_000_000_000;
  private wallSeconds = 1_767_225_599;
  private readonly waiting = new Set<Entry>();

  constructor(tickNs = 0) {
    this.tickNs = tickNs;
  }

  monotonicNs(): number {
    this.nowNs += this.tickNs;
    return this.nowNs;
  }

  /** 2026-01-01 00:00:00 UTC at the first instant. */
  realtime(): { readonly seconds: number; readonly nanoseconds: number } {
    const seconds = Math.floor(this.nowNs / 1e9);
    return { seconds: this.wallSeconds + seconds, nanoseconds: this.nowNs - seconds * 1e9 };
  }

  /** Sets the wall clock forward, or back by a negative number. */
  stepRealtime(seconds: number): void {
    this.wallSeconds += seconds;
  }

  after(delayNs: number, call: () => void): () => void {
    const entry = { when: this.nowNs + delayNs, call };
    this.waiting.add(entry);
    // By the time that this runs the kernel has gone to sleep, or asked for a turn of the event loop.
    void Promise.resolve().then(() => this.jump());
    return () => this.waiting.delete(entry);
  }

  /** Lets time pass while the kernel works; it looks itself what has become due. */
  pass(ns: number): void {
    this.nowNs += ns;
  }

  /** Lets time pass. What was to be called within it is called at its instant. */
  advance(ns: number): void {
    const end = this.nowNs + ns;
    for (let next = this.earliest(); next !== undefined && next.when <= end; next = this.earliest()) this.fire(next);
    this.nowNs = end;
  }

  private jump(): void {
    const next = this.earliest();
    if (next === undefined) return;
    if (next.when < Number.POSITIVE_INFINITY) this.fire(next);
    else this.onStuck?.();
  }

  private earliest(): Entry | undefined {
    let first: Entry | undefined;
    for (const entry of this.waiting) if (first === undefined || entry.when < first.when) first = entry;
    return first;
  }

  private fire(entry: Entry): void {
    this.waiting.delete(entry);
    this.nowNs = Math.max(this.nowNs, entry.when);
    entry.call();
  }
}
