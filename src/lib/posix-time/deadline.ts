/** Until when a wait lasts. */
import { EINVAL, Errno, type Result } from "../../abi/errno.ts";
import { timespec } from "../../abi/riscv64/time.ts";
import { CLOCK } from "../../abi/time.ts";
import type { GuestPtr, Instant, Timespec } from "../../abi/types.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Task } from "../../kernel/task.ts";
import { instantAfter } from "./clocks.ts";
import { isValidTimespec, nanosecondsOf } from "./time-args.ts";

/** An instant of the monotonic clock, or what the wall clock is to show: that one may be set while somebody waits. */
export type Deadline =
  | { readonly clock: "monotonic"; readonly at: Instant }
  | { readonly clock: "realtime"; readonly at: Timespec };

/**
 * How long a wait for the wall clock sleeps before it looks whether that was set. No host tells of it; a laptop that was
 * suspended is noticed so late at the most.
 */
const LOOK_AGAIN_NS = 10e9;

/** A timeout argument: undefined for none, EFAULT and EINVAL as futex_init_timeout answers. */
export function readDeadline(
  task: Task,
  at: GuestPtr<Timespec>,
  kind: "relative" | "monotonic" | "realtime",
): Result<Deadline | undefined> {
  if (at === 0) return undefined;
  const time = task.mm.readStruct(at, timespec);
  if (time instanceof Errno) return time;
  if (!isValidTimespec(time)) return EINVAL;
  if (kind === "realtime") return { clock: kind, at: time };
  const ns = nanosecondsOf(time);
  return { clock: "monotonic", at: kind === "relative" ? instantAfter(task.kernel, ns) : (ns as Instant) };
}

/** The same for calls that take a clock id: EINVAL for any but the two clocks (futex2_setup_timeout). */
export function readClockDeadline(task: Task, at: GuestPtr<Timespec>, clock: number): Result<Deadline | undefined> {
  if (at === 0) return undefined;
  if (clock !== CLOCK.REALTIME && clock !== CLOCK.MONOTONIC) return EINVAL;
  return readDeadline(task, at, clock === CLOCK.REALTIME ? "realtime" : "monotonic");
}

/** When to look again: at the deadline, or before it to see whether the wall clock was set. */
export function wakeTime(kernel: Kernel, deadline: Deadline | undefined): Instant | undefined {
  if (deadline === undefined || deadline.clock === "monotonic") return deadline?.at;
  return instantAfter(kernel, Math.min(untilRealtime(kernel, deadline.at), LOOK_AGAIN_NS));
}

export function hasPassed(kernel: Kernel, deadline: Deadline | undefined): boolean {
  if (deadline === undefined) return false;
  return deadline.clock === "monotonic" ? deadline.at <= kernel.now() : untilRealtime(kernel, deadline.at) <= 0;
}

/** Nanoseconds. The difference of the seconds is taken first: realtime nanoseconds do not fit a double. */
function untilRealtime(kernel: Kernel, { seconds, nanoseconds }: Timespec): number {
  const now = kernel.host.clock.realtime();
  return (seconds - now.seconds) * 1e9 + (nanoseconds - now.nanoseconds);
}
