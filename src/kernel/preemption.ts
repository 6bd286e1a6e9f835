import type { Instant } from "../abi/types.ts";
import type { Space } from "../machine/engine.ts";
import { HART } from "../machine/hart.ts";
import type { HostClock } from "./host.ts";

/** Time in guests from the first guest code on, after which a program is no longer taken for one that ends or sleeps soon by itself. */
const SHORT_NS = 50e6;

/** The same where the engine polls by itself, every few milliseconds, and nobody waits for a certain instant. */
const SELF_POLLED_NS = 500e6;

/**
 * Asks the host for a poll when a turn ends.
 *
 * The thread that does so takes some 25 ms of processor time to start, more than many programs run: it is asked for only once
 * guests have run that long, or have been left by a poll because nothing else would stop them from then on.
 */
export class Preemption {
  private readonly clock: HostClock;
  /** What the host's clock showed when the kernel's began. */
  private readonly bootNs: number;
  private ranNs = 0;
  private wanted: boolean;
  private space: Space | undefined;
  private armedUntil = Number.POSITIVE_INFINITY;

  /** @param atOnce - whether not to wait and see how long the program runs. */
  constructor(clock: HostClock, bootNs: number, atOnce: boolean) {
    this.clock = clock;
    this.bootNs = bootNs;
    this.wanted = atOnce;
  }

  /** Counts time that was spent in guests. */
  ran(ns: number): void {
    this.ranNs += ns;
  }

  /**
   * Has a poll asked for in a space at an instant, or before; does nothing if that is already asked for.
   *
   * @param isAwaited - whether a timer or another task waits for that instant.
   */
  arm(space: Space, now: number, until: number, isAwaited: boolean): void {
    if (this.space === space && this.armedUntil <= until) return;
    this.wanted ||= this.ranNs > (space.pollsItself && !isAwaited ? SELF_POLLED_NS : SHORT_NS);
    if (!this.wanted) return;
    this.space = space;
    this.armedUntil = until;
    this.clock.interrupter?.raise(space.memory.pollWords, until + this.bootNs, Math.max(until - now, 0));
  }

  /** A timer was set: the running turn must not outlast it. */
  shorten(now: Instant, until: Instant): void {
    if (this.space !== undefined && until < this.armedUntil) this.arm(this.space, now, until, true);
  }

  /** The guest was left by a poll: lowers the word. */
  polled(space: Space): void {
    this.wanted ||= !space.pollsItself;
    space.memory.i32[HART.poll / 4] = 0;
    this.disarm();
  }

  disarm(): void {
    if (this.space !== undefined) this.clock.interrupter?.cancel();
    this.space = undefined;
    this.armedUntil = Number.POSITIVE_INFINITY;
  }
}
