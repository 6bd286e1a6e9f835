/** The clocks of a machine (clock_gettime(2); Linux kernel/time/posix-timers.c, posix-cpu-timers.c). */
import { EINVAL, type Result } from "../../abi/errno.ts";
import { CLOCK, NSEC_PER_SEC } from "../../abi/time.ts";
import type { Instant, Tid, Timespec } from "../../abi/types.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Process } from "../../kernel/process.ts";
import type { Task } from "../../kernel/task.ts";
import { nanosecondsOf, timespecOf } from "./time-args.ts";

/** A clock id, parsed. */
export type Clock =
  | {
      readonly kind: "realtime" | "monotonic";
      readonly coarse: boolean;
      readonly sleeps: boolean;
      readonly alarm: boolean;
    }
  | { readonly kind: "cpu"; readonly of: Process | Task; readonly own: boolean };

const WALL: ReadonlyMap<number, Clock> = new Map([
  [CLOCK.REALTIME, { kind: "realtime", coarse: false, sleeps: true, alarm: false }],
  [CLOCK.MONOTONIC, { kind: "monotonic", coarse: false, sleeps: true, alarm: false }],
  [CLOCK.MONOTONIC_RAW, { kind: "monotonic", coarse: false, sleeps: false, alarm: false }],
  [CLOCK.REALTIME_COARSE, { kind: "realtime", coarse: true, sleeps: false, alarm: false }],
  [CLOCK.MONOTONIC_COARSE, { kind: "monotonic", coarse: true, sleeps: false, alarm: false }],
  // A machine is never suspended on its own.
  [CLOCK.BOOTTIME, { kind: "monotonic", coarse: false, sleeps: true, alarm: false }],
  [CLOCK.REALTIME_ALARM, { kind: "realtime", coarse: false, sleeps: false, alarm: true }],
  [CLOCK.BOOTTIME_ALARM, { kind: "monotonic", coarse: false, sleeps: false, alarm: true }],
  // As on Linux before something tells it the number of leap seconds.
  [CLOCK.TAI, { kind: "realtime", coarse: false, sleeps: true, alarm: false }],
]);

/** Bits of a dynamic clock id: what of the task it counts, whether of a thread, and the task's complement above. */
const CPUCLOCK = { WHICH: 3, SCHED: 2, FD: 3, PERTHREAD: 4, PID_SHIFT: 3 } as const;

/** Says which clock an id means; EINVAL if none. */
export function clockOf(task: Task, id: number): Result<Clock> {
  if (id === CLOCK.PROCESS_CPUTIME_ID) return { kind: "cpu", of: task.process, own: true };
  if (id === CLOCK.THREAD_CPUTIME_ID) return { kind: "cpu", of: task, own: true };
  return id < 0 ? cpuClock(task, id) : (WALL.get(id) ?? EINVAL);
}

/** The clock that clock_getcpuclockid(3) and pthread_getcpuclockid(3) name. */
function cpuClock(task: Task, id: number): Result<Clock> {
  if ((id & CPUCLOCK.WHICH) === CPUCLOCK.FD) return EINVAL;
  const pid = ~(id >> CPUCLOCK.PID_SHIFT);
  const target = pid === 0 ? task : task.kernel.tasks.get(pid as Tid);
  if (target === undefined) return EINVAL;
  const own = target.process === task.process;
  if ((id & CPUCLOCK.PERTHREAD) !== 0) return own ? { kind: "cpu", of: target, own } : EINVAL;
  return target.tid === (target.process.pid as number) || pid === 0 ? { kind: "cpu", of: target.process, own } : EINVAL;
}

/** What a clock shows now. */
export function readClock(kernel: Kernel, clock: Clock): Timespec {
  switch (clock.kind) {
    case "realtime":
      return kernel.host.clock.realtime();
    case "monotonic":
      return timespecOf(kernel.now());
    case "cpu":
      return timespecOf(clock.of.cpuNs);
  }
}

/** Ticks of the coarse clocks: 250 a second. */
const COARSE_NS = 4_000_000;

export function resolution(clock: Clock): Timespec {
  return { seconds: 0, nanoseconds: clock.kind !== "cpu" && clock.coarse ? COARSE_NS : 1 };
}

/**
 * The monotonic instant at which a clock will show `time`. Later changes to the wall clock are not followed.
 */
export function instantOf(
  kernel: Kernel,
  clock: Clock & { readonly kind: "realtime" | "monotonic" },
  time: Timespec,
): Instant {
  if (clock.kind === "monotonic") return nanosecondsOf(time) as Instant;
  const now = kernel.host.clock.realtime();
  // The difference of the seconds first: realtime nanoseconds do not fit a double.
  const ahead = (time.seconds - now.seconds) * NSEC_PER_SEC + (time.nanoseconds - now.nanoseconds);
  return (kernel.now() + ahead) as Instant;
}

/** An instant so many nanoseconds from now. */
export function instantAfter(kernel: Kernel, ns: number): Instant {
  return (kernel.now() + ns) as Instant;
}
