import type { SigInfo } from "../../abi/riscv64/siginfo.ts";
import { SI } from "../../abi/signal.ts";
import type { Signo } from "../../abi/types.ts";
import type { Process } from "../../kernel/process.ts";
import { perProcess } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import { postSignal } from "../posix-signal/index.ts";
import type { Clock } from "../posix-time/index.ts";
import { type Alarm, ClockAlarm, CpuAlarm } from "./alarm.ts";

/** How a timer tells that it expired: by a signal to a process or one of its tasks, or not at all. */
export type Notification =
  | { readonly kind: "none" }
  | { readonly kind: "signal"; readonly signo: Signo; readonly to: Process | Task; readonly value: bigint };

/**
 * A timer of timer_create(2) (struct k_itimer).
 *
 * A periodic one is set again only when its signal has been taken: however late that is, one signal waits at a time, and it
 * tells how many expirations were missed.
 */
export class PosixTimer {
  readonly id: number;
  readonly clock: Clock;
  readonly notification: Notification;
  intervalNs = 0;
  /** Expirations that the last taken signal stands for, beyond its own. */
  overrun = 0;
  private readonly alarm: Alarm;
  private readonly now: () => number;
  /** When it expires or did last, on the clock of {@link now}. */
  private due = 0;
  private signalWaits = false;

  constructor(process: Process, id: number, clock: Clock, notification: Notification) {
    this.id = id;
    this.clock = clock;
    this.notification = notification;
    const { kernel } = process;
    const fire = (): void => this.expire();
    this.alarm = clock.kind === "cpu" ? new CpuAlarm(clock.of, fire) : new ClockAlarm(kernel, fire);
    this.now = clock.kind === "cpu" ? () => clock.of.cpuNs : () => kernel.now();
  }

  /** What the timer counts on shows now, in nanoseconds. */
  get reading(): number {
    return this.now();
  }

  /** Sets it to a reading of its clock; undefined disarms it. */
  set(due: number | undefined, intervalNs: number): void {
    this.alarm.cancel();
    this.signalWaits = false;
    this.overrun = 0;
    this.intervalNs = due === undefined ? 0 : intervalNs;
    if (due === undefined) return;
    this.due = due;
    this.alarm.set(due);
  }

  /** Nanoseconds to the next expiration, 0 if it is not set. One whose signal waits counts on, unseen. */
  get left(): number {
    if (this.alarm.isSet) return Math.max(this.alarm.left, 1);
    if (this.intervalNs === 0) return 0;
    return Math.max(this.next() - this.now(), 1);
  }

  release(): void {
    this.alarm.cancel();
    this.signalWaits = false;
  }

  /** Its signal leaves the queue: counts what was missed, and goes on. */
  signalTaken(info: SigInfo & { readonly kind: "timer" }): SigInfo {
    if (!this.signalWaits) return info;
    this.signalWaits = false;
    if (this.intervalNs === 0) return info;
    const next = this.next();
    this.overrun = Math.min(Math.round((next - this.due) / this.intervalNs) - 1, 0x7fff_ffff);
    this.due = next;
    this.alarm.set(next);
    return { ...info, overrun: this.overrun };
  }

  /** The first multiple of the interval behind the last expiration that lies ahead. */
  private next(): number {
    const passed = Math.max(Math.floor((this.now() - this.due) / this.intervalNs), 0);
    return this.due + (passed + 1) * this.intervalNs;
  }

  private expire(): void {
    const { notification, id } = this;
    if (notification.kind === "none") {
      this.goOn();
      return;
    }
    const { signo, to, value } = notification;
    this.signalWaits = true;
    const posted = postSignal(to, { kind: "timer", signo, code: SI.TIMER, timer: id, overrun: 0, value });
    // No room in the queue: this expiration is lost, the next ones need not be.
    if (posted !== 0) this.goOn();
  }

  private goOn(): void {
    this.signalWaits = false;
    if (this.intervalNs === 0) return;
    this.due = this.next();
    this.alarm.set(this.due);
  }
}

/** The timers of a process by their ids, which are not given out again soon. */
export interface TimerTable {
  readonly timers: Map<number, PosixTimer>;
  nextId: number;
}

export const timerTable = perProcess<TimerTable>({
  create: () => ({ timers: new Map(), nextId: 0 }),
  exec: (table) => {
    releaseAll(table);
    return { timers: new Map(), nextId: 0 };
  },
  exit: releaseAll,
});

function releaseAll({ timers }: TimerTable): void {
  for (const timer of timers.values()) timer.release();
}

/** A timer's signal was taken: it may have more to tell now. */
export function timerSignalTaken(process: Process, info: SigInfo): SigInfo {
  if (info.kind !== "timer") return info;
  return process.get(timerTable).timers.get(info.timer)?.signalTaken(info) ?? info;
}
