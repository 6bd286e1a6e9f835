import type { Instant } from "../../abi/types.ts";
import type { Kernel, Timer } from "../../kernel/kernel.ts";

/** Calls back once when something has reached a value; cancelled and set anew at will. */
export interface Alarm {
  /** Nanoseconds left; 0 if it is not set. */
  readonly left: number;
  readonly isSet: boolean;
  /** Sets it to what its clock will show, in nanoseconds. */
  set(at: number): void;
  cancel(): void;
}

/** An alarm on the monotonic clock. */
export class ClockAlarm implements Alarm {
  private readonly kernel: Kernel;
  private readonly fire: () => void;
  private timer: Timer | undefined;

  constructor(kernel: Kernel, fire: () => void) {
    this.kernel = kernel;
    this.fire = fire;
  }

  get isSet(): boolean {
    return this.timer !== undefined;
  }

  get left(): number {
    return this.timer === undefined ? 0 : Math.max(this.timer.when - this.kernel.now(), 0);
  }

  set(at: number): void {
    this.cancel();
    this.timer = this.kernel.at(at as Instant, () => {
      this.timer = undefined;
      this.fire();
    });
  }

  cancel(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }
}

/** Processor time is looked at no more often than this. */
const CPU_TICK_NS = 1_000_000;

/**
 * An alarm on the processor time of a process or a task. It cannot be reached before that much time has passed, so it looks
 * then, and again after what is still missing: as late as a tick of Linux's, never early.
 */
export class CpuAlarm implements Alarm {
  private readonly clock: { readonly cpuNs: number };
  private readonly look: ClockAlarm;
  private readonly kernel: Kernel;
  private at = 0;

  constructor(kernel: Kernel, clock: { readonly cpuNs: number }, fire: () => void) {
    this.kernel = kernel;
    this.clock = clock;
    this.look = new ClockAlarm(kernel, () => {
      if (this.clock.cpuNs >= this.at) fire();
      else this.lookLater();
    });
  }

  get isSet(): boolean {
    return this.look.isSet;
  }

  get left(): number {
    return this.isSet ? Math.max(this.at - this.clock.cpuNs, 0) : 0;
  }

  set(at: number): void {
    this.at = at;
    this.lookLater();
  }

  cancel(): void {
    this.look.cancel();
  }

  private lookLater(): void {
    this.look.set(this.kernel.now() + Math.max(this.at - this.clock.cpuNs, CPU_TICK_NS));
  }
}
