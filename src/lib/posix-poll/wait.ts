/** What ppoll(2), pselect6(2) and epoll_pwait(2) have in common: a timeout, a temporary mask, a sleep on many files. */
import { EINVAL, ERESTARTNOHAND, Errno, type Result } from "../../abi/errno.ts";
import { timespec } from "../../abi/riscv64/time.ts";
import type { GuestPtr, Instant, Timespec } from "../../abi/types.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer, Blocking, WaitQueue } from "../../kernel/wait.ts";
import { endTemporaryMask, hasDeliverableSignal, setTemporaryMask } from "../posix-signal/index.ts";
import { readMask } from "../posix-signal/signal-args.ts";
import { instantAfter, isValidTimespec, nanosecondsOf, timespecOf } from "../posix-time/index.ts";

/** Until when a call waits: for ever, or no longer than an instant. */
export type Deadline = Instant | undefined;

/** Reads a relative timeout; NULL means for ever. */
export function readTimeout(task: Task, at: GuestPtr): Result<Deadline> {
  if (at === 0) return undefined;
  const timeout = task.mm.readStruct(at as GuestPtr<Timespec>, timespec);
  if (timeout instanceof Errno) return timeout;
  return isValidTimespec(timeout) ? instantAfter(task.kernel, nanosecondsOf(timeout)) : EINVAL;
}

/** Tells the program what is left of its timeout; where it cannot be written, nothing happens (poll_select_finish). */
function writeTimeLeft(task: Task, { timeoutAt: at, deadline }: Waiting): void {
  if (at === 0 || deadline === undefined) return;
  task.mm.writeStruct(at as GuestPtr<Timespec>, timespec, timespecOf(Math.max(deadline - task.kernel.now(), 0)));
}

/** Puts a call's mask in force; NULL leaves the mask alone. */
export function beginMask(task: Task, at: GuestPtr, size: number): Errno | undefined {
  if (at === 0) return undefined;
  const mask = readMask(task, at as GuestPtr<never>, size);
  if (mask instanceof Errno) return mask;
  setTemporaryMask(task, mask);
  return undefined;
}

/** Ends a call that failed before it could wait. */
export function refuse(task: Task, errno: Errno): Errno {
  endTemporaryMask(task, false);
  return errno;
}

/** A wait for one of several things. */
export interface Waiting {
  readonly deadline: Deadline;
  /** Counts what is ready now; writes nothing. */
  scan(task: Task): Result<number>;
  /** Everything whose change makes another scan worth while. */
  queues(task: Task): readonly WaitQueue[];
  /** Gives the result to the program. */
  finish(task: Task, count: number): Result<number>;
  /** Where what is left of the timeout goes; NULL is nowhere. */
  readonly timeoutAt: GuestPtr;
  /** What a signal makes of it. */
  readonly interrupted: Errno;
}

/** Waits; what is ready counts more than a signal, and a signal more than the timeout. */
export function waitForAny(task: Task, waiting: Waiting): Answer {
  const count = waiting.scan(task);
  const { deadline } = waiting;
  const expired = deadline !== undefined && deadline <= task.kernel.now();
  if (count !== 0 || expired) return end(task, waiting, count);
  return sleepForAny(task, waiting);
}

/** Also how a wait goes on whose generator was thrown away: all it needs is in `waiting`. */
export function* sleepForAny(task: Task, waiting: Waiting): Blocking {
  task.restart = waiting;
  for (;;) {
    const count = waiting.scan(task);
    if (count !== 0) return end(task, waiting, count);
    // A signal that only the call's own mask lets through may have been waiting all the time.
    if (hasDeliverableSignal(task)) return interrupt(task, waiting);
    if (waiting.deadline !== undefined && waiting.deadline <= task.kernel.now()) return end(task, waiting, 0);
    const reason = yield { on: waiting.queues(task), deadline: waiting.deadline };
    if (reason === "signal") return interrupt(task, waiting);
  }
}

function end(task: Task, waiting: Waiting, count: Result<number>): Result<number> {
  writeTimeLeft(task, waiting);
  endTemporaryMask(task, false);
  return count instanceof Errno ? count : waiting.finish(task, count);
}

function interrupt(task: Task, waiting: Waiting): Errno {
  writeTimeLeft(task, waiting);
  endTemporaryMask(task, true);
  return waiting.interrupted;
}

/** ppoll(2) and pselect6(2) begin anew with their remaining time if no handler runs. */
export const INTERRUPTED = ERESTARTNOHAND;
