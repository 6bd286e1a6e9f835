import type { Instant } from "../../abi/types.ts";
import type { CpuClock } from "../../kernel/cpu-clock.ts";
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

/** Whose processor time an alarm is on. */
export interface CpuUser {
  readonly cpuClock: CpuClock;
  /** Up to now; nanoseconds. */
  readonly cpuNs: number;
}

/** An alarm on the processor time of a process or a task. */
export class CpuAlarm implements Alarm {
  private readonly of: CpuUser;
  private readonly fire: () => void;
  private timer: Timer | undefined;

  constructor(of: CpuUser, fire: () => void) {
    this.of = of;
    this.fire = fire;
  }

  get isSet(): boolean {
    return this.timer !== undefined;
  }

  get left(): number {
    return this.timer === undefined ? 0 : Math.max(this.timer.when - this.of.cpuNs, 0);
  }

  set(at: number): void {
    this.cancel();
    this.timer = this.of.cpuClock.at(at, () => {
      this.timer = undefined;
      this.fire();
    });
  }

  cancel(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }
}
