/** timerfd_create(2), timerfd_settime(2), timerfd_gettime(2): a timer that is read. (fs/timerfd.c) */
import { CAP } from "../../abi/capability.ts";
import { EAGAIN, EINVAL, EPERM, Errno, type Result } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import { POLL } from "../../abi/poll.ts";
import { type Itimerspec, itimerspec } from "../../abi/riscv64/time.ts";
import { CLOCK, NSEC_PER_SEC, TFD, TFD_TIMER } from "../../abi/time.ts";
import type { Instant } from "../../abi/types.ts";
import type { Kernel, Timer } from "../../kernel/kernel.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { fdArg } from "../posix-fdtab/arguments.ts";
import { AnonymousFile, fileOf, installFd } from "../posix-fdtab/index.ts";
import {
  clockArg,
  clockOf,
  instantAfter,
  instantOf,
  isValidTimespec,
  itimerspecIn,
  itimerspecOut,
  nanosecondsOf,
  timespecOf,
} from "../posix-time/index.ts";
import { hasCapability } from "../posix-user/index.ts";

type WaitableClock = Parameters<typeof instantOf>[1];

/** A timer as an open file: what is read is how often it expired since the last read. */
class TimerFile extends AnonymousFile {
  private readonly kernel: Kernel;
  readonly clock: WaitableClock;
  /** The first expiry that was not read; undefined while it is disarmed, or has expired once and for all. */
  private next: Instant | undefined;
  /** 0 for a timer that expires once. */
  private intervalNs = 0;
  private alarm: Timer | undefined;
  /** An expiry of a timer without interval that was not read yet. */
  private expiredOnce = false;

  constructor(kernel: Kernel, flags: number, clock: WaitableClock) {
    super(kernel, flags, "timerfd");
    this.kernel = kernel;
    this.clock = clock;
  }

  override read(_task: Task, into: Uint8Array): Answer {
    if (into.length < 8) return EINVAL;
    const ticks = this.takeTicks();
    if (ticks === 0) return EAGAIN;
    new DataView(into.buffer, into.byteOffset, 8).setBigUint64(0, BigInt(ticks), true);
    return 8;
  }

  override poll(): number {
    return this.expiredOnce || (this.next !== undefined && this.next <= this.kernel.now()) ? POLL.IN : 0;
  }

  /** What is left until the next expiry, and the interval. */
  get setting(): Itimerspec {
    const now = this.kernel.now();
    let left = this.next === undefined ? 0 : this.next - now;
    // Unread expiries of a periodic timer lie behind: the next one ahead counts.
    if (left < 0) left = this.intervalNs === 0 ? 0 : this.intervalNs - (-left % this.intervalNs);
    return { interval: timespecOf(this.intervalNs), value: timespecOf(left) };
  }

  arm(first: Instant | undefined, intervalNs: number): void {
    this.alarm?.cancel();
    this.next = first;
    this.intervalNs = intervalNs;
    this.expiredOnce = false;
    this.setAlarm();
  }

  private setAlarm(): void {
    if (this.next === undefined) return;
    this.alarm = this.kernel.at(this.next, () => {
      if (this.intervalNs === 0) {
        this.expiredOnce = true;
        this.next = undefined;
      }
      this.readiness.wake();
    });
  }

  /** Counts the expiries since the last read; a periodic timer wakes again at the next one. */
  private takeTicks(): number {
    const now = this.kernel.now();
    if (this.expiredOnce) {
      this.expiredOnce = false;
      return 1;
    }
    if (this.next === undefined || this.next > now) return 0;
    if (this.intervalNs === 0) {
      this.alarm?.cancel();
      this.next = undefined;
      return 1;
    }
    const ticks = Math.floor((now - this.next) / this.intervalNs) + 1;
    this.next = (this.next + ticks * this.intervalNs) as Instant;
    this.alarm?.cancel();
    this.setAlarm();
    return ticks;
  }

  protected override released(): void {
    this.alarm?.cancel();
  }
}

const CLOCKS: ReadonlySet<number> = new Set([CLOCK.REALTIME, CLOCK.MONOTONIC, CLOCK.BOOTTIME]);

/** They would wake a machine that is suspended, which this one never is. */
const ALARM_CLOCKS: ReadonlySet<number> = new Set([CLOCK.REALTIME_ALARM, CLOCK.BOOTTIME_ALARM]);

export const timerfdCreate = syscall({
  name: "timerfd_create",
  args: [clockArg, arg.flags(TFD, "TFD_")],
  support: "full",
  run(task, id, flags) {
    const { kernel } = task;
    const isAlarm = ALARM_CLOCKS.has(id);
    if (flags & ~(TFD.CLOEXEC | TFD.NONBLOCK) || !(CLOCKS.has(id) || isAlarm)) return EINVAL;
    if (isAlarm && !hasCapability(task.process, CAP.WAKE_ALARM)) return EPERM;
    const clock = clockOf(task, id);
    if (clock instanceof Errno || clock.kind === "cpu") return EINVAL;
    return installFd(task.process, new TimerFile(kernel, flags & O.NONBLOCK, clock), flags);
  },
});

function timerOf(task: Task, fd: number): Result<TimerFile> {
  const file = fileOf(task, fd);
  if (file instanceof Errno) return file;
  return file instanceof TimerFile ? file : EINVAL;
}

export const timerfdSettime = syscall({
  name: "timerfd_settime",
  args: [fdArg, arg.flags(TFD_TIMER, "TFD_TIMER_"), itimerspecIn, itimerspecOut],
  support: { partial: "TFD_TIMER_CANCEL_ON_SET never cancels: nobody sets the machine's clock" },
  run(task, fd, flags, at, oldAt) {
    const wanted = task.mm.readStruct(at, itimerspec);
    if (wanted instanceof Errno) return wanted;
    if (flags & ~(TFD_TIMER.ABSTIME | TFD_TIMER.CANCEL_ON_SET)) return EINVAL;
    if (!isValidTimespec(wanted.value) || !isValidTimespec(wanted.interval)) return EINVAL;
    const timer = timerOf(task, fd);
    if (timer instanceof Errno) return timer;
    const before = timer.setting;
    timer.arm(firstExpiry(task, timer, wanted, flags), nanosecondsOf(wanted.interval));
    return oldAt === 0 ? 0 : task.mm.writeStruct(oldAt, itimerspec, before);
  },
});

/** A value of zero disarms. */
function firstExpiry(task: Task, { clock }: TimerFile, { value }: Itimerspec, flags: number): Instant | undefined {
  if (value.seconds === 0 && value.nanoseconds === 0) return undefined;
  if (flags & TFD_TIMER.ABSTIME) return instantOf(task.kernel, clock, value);
  return instantAfter(task.kernel, value.seconds * NSEC_PER_SEC + value.nanoseconds);
}

export const timerfdGettime = syscall({
  name: "timerfd_gettime",
  args: [fdArg, itimerspecOut],
  support: "full",
  run(task, fd, at) {
    const timer = timerOf(task, fd);
    return timer instanceof Errno ? timer : task.mm.writeStruct(at, itimerspec, timer.setting);
  },
});
