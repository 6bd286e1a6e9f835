import type { HostClock, HostInterrupter } from "../../kernel/host.ts";

interface Alarm {
  readonly atNs: number;
  readonly call: () => void;
}

/** The wall clock of every build at its first instant. */
const EPOCH_SECONDS = 1_000_000_000;

/** What passes at each look at the clock, so that programs which wait for an instant in a loop get there. */
const LOOK_NS = 1000;

/** So long guest code that makes no system call is left alone, by the machine's clock: then its turn is over after all. */
const PATIENCE_NS = 60e9;

/**
 * The clock of recorded runs: time passes only when somebody looks at it, and at once where the machine would sleep, so that
 * processes take turns in the same order, and see the same instants, in every build.
 */
export class RecordedClock implements HostClock {
  readonly interrupter?: HostInterrupter;
  private readonly outside: HostClock;
  private readonly endNs: number;
  private readonly end: () => void;
  private nowNs = 0;
  private readonly alarms = new Set<Alarm>();

  /** @param end - called when a run has lasted so long, or would wait for ever. */
  constructor(outside: HostClock, endNs: number, end: () => void) {
    this.outside = outside;
    this.endNs = endNs;
    this.end = end;
    if (outside.interrupter !== undefined) this.interrupter = this.patient(outside.interrupter);
  }

  monotonicNs(): number {
    this.nowNs += LOOK_NS;
    return this.nowNs;
  }

  realtime(): { readonly seconds: number; readonly nanoseconds: number } {
    const seconds = Math.floor(this.nowNs / 1e9);
    return { seconds: EPOCH_SECONDS + seconds, nanoseconds: this.nowNs - seconds * 1e9 };
  }

  after(delayNs: number, call: () => void): () => void {
    const alarm = { atNs: this.nowNs + delayNs, call };
    this.alarms.add(alarm);
    // When the event loop gets here the kernel has nothing else to do.
    const cancel = this.outside.after(0, () => this.ring());
    return () => {
      this.alarms.delete(alarm);
      cancel();
    };
  }

  private ring(): void {
    const [first] = [...this.alarms].sort((a, b) => a.atNs - b.atNs);
    if (first === undefined) return;
    if (first.atNs > this.endNs) {
      this.end();
      return;
    }
    this.alarms.delete(first);
    this.nowNs = Math.max(this.nowNs, first.atNs);
    first.call();
  }

  private patient(interrupter: HostInterrupter): HostInterrupter {
    let asked: { readonly atNs: number; readonly endNs: number } | undefined;
    return {
      raise: (word, atNs, inNs) => {
        const endNs = this.outside.monotonicNs() + inNs + PATIENCE_NS;
        asked = { atNs, endNs };
        interrupter.raise(word, endNs, inNs + PATIENCE_NS);
      },
      cancel: () => {
        // What was interrupted has had its turn.
        if (asked !== undefined && this.outside.monotonicNs() >= asked.endNs)
          this.nowNs = Math.max(this.nowNs, asked.atNs);
        asked = undefined;
        interrupter.cancel();
      },
    };
  }
}
