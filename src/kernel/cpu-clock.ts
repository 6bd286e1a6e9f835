import type { Instant } from "../abi/types.ts";
import { type Timer, Timers } from "./timers.ts";

/**
 * The processor time of a task, or of all tasks of a process, and what is to happen when it has used so much.
 *
 * Time is counted when the processor changes hands, at the latest when the next alarm is due: who does not run needs no
 * watching.
 */
export class CpuClock {
  private readonly alarms = new Timers();
  private countedNs = 0 as Instant;

  /** What was counted; nanoseconds. */
  get counted(): number {
    return this.countedNs;
  }

  /** Nanoseconds that the owner may run until the next alarm. */
  get untilAlarm(): number {
    const next = this.alarms.next();
    return next === undefined ? Number.POSITIVE_INFINITY : next - this.countedNs;
  }

  /** Calls back when so much was used; one that was reached before is called when time is next counted. */
  at(usedNs: number, call: () => void): Timer {
    return this.alarms.add(usedNs as Instant, call);
  }

  /** For the scheduler: counts time, and makes the calls that are due. */
  count(ns: number): void {
    this.countedNs = (this.countedNs + ns) as Instant;
    this.alarms.run(this.countedNs);
  }
}
