import { HART } from "../machine/hart.ts";
import type { GuestMemory } from "../machine/memory.ts";
import type { Kernel } from "./kernel.ts";

/** Processor time from the first guest code on, after which a program is no longer taken for one that ends or sleeps soon by itself. */
const SHORT_NS = 20e6;

/**
 * Asks the host to raise the poll word when a slice ends.
 *
 * The thread that does so costs some 20 ms to start, more than many programs run: it is asked for only once a program
 * has run that long, or has been left by a poll (an engine does that when it has first translated something).
 */
export class Preemption {
  private readonly kernel: Kernel;
  private startedNs: number | undefined;
  private wanted = false;
  private cancel: (() => void) | undefined;
  private memory: GuestMemory | undefined;
  private armedUntil = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.wanted = kernel.limits.cpuNs !== undefined;
  }

  /** Has the poll word of a memory raised at an instant; does nothing if that is already asked for. */
  arm(memory: GuestMemory, until: number): void {
    const { clock } = this.kernel.host;
    if (!this.wanted) {
      this.startedNs ??= clock.cpuNs();
      this.wanted = clock.cpuNs() - this.startedNs > SHORT_NS;
    }
    if (!this.wanted || clock.preempt === undefined) return;
    if (this.cancel !== undefined && this.memory === memory && this.armedUntil <= until) return;
    this.cancel?.();
    const word = { buffer: memory.shared.buffer, offset: HART.poll };
    this.memory = memory;
    this.armedUntil = until;
    this.cancel = clock.preempt(word, Math.max(0, until - this.kernel.now()));
  }

  /** A timer was set: the running slice must not outlast it. */
  shorten(until: number): void {
    if (this.cancel !== undefined && this.memory !== undefined && until < this.armedUntil) this.arm(this.memory, until);
  }

  /** The guest was left by a poll: lowers the word. */
  polled(memory: GuestMemory): void {
    this.wanted = true;
    memory.i32[HART.poll / 4] = 0;
    this.disarm();
  }

  disarm(): void {
    this.cancel?.();
    this.cancel = undefined;
  }
}
