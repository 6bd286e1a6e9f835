import type { Instant } from "../abi/types.ts";
import { HART } from "../machine/hart.ts";
import type { GuestMemory } from "../machine/memory.ts";
import type { HostClock } from "./host.ts";

/** Time in guests from the first guest code on, after which a program is no longer taken for one that ends or sleeps soon by itself. */
const SHORT_NS = 50e6;

/**
 * Asks the host for a poll when a turn ends.
 *
 * The thread that does so costs some 50 ms to start, more than many programs run: it is asked for only once guests
 * have run that long, or have been left by a poll (an engine does that when it has first translated something).
 */
export class Preemption {
  private readonly clock: HostClock;
  /** What the host's clock showed when the kernel's began. */
  private readonly bootNs: number;
  private ranNs = 0;
  private wanted: boolean;
  private memory: GuestMemory | undefined;
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
    if (this.ranNs > SHORT_NS) this.wanted = true;
  }

  /** Has a poll asked for in a memory at an instant, or before; does nothing if that is already asked for. */
  arm(memory: GuestMemory, now: number, until: number): void {
    if (this.memory === memory && this.armedUntil <= until) return;
    if (!this.wanted) return;
    this.memory = memory;
    this.armedUntil = until;
    this.clock.interrupter?.raise(memory.pollWords, until + this.bootNs, Math.max(until - now, 0));
  }

  /** A timer was set: the running turn must not outlast it. */
  shorten(now: Instant, until: Instant): void {
    if (this.memory !== undefined && until < this.armedUntil) this.arm(this.memory, now, until);
  }

  /** The guest was left by a poll: lowers the word. */
  polled(memory: GuestMemory): void {
    this.wanted = true;
    memory.i32[HART.poll / 4] = 0;
    this.disarm();
  }

  disarm(): void {
    if (this.memory !== undefined) this.clock.interrupter?.cancel();
    this.memory = undefined;
    this.armedUntil = Number.POSITIVE_INFINITY;
  }
}
