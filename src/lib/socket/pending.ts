/** Calls that wait for a socket: until it can do what was asked, a timeout, or a signal (sock_wait_for_wmem and its kin). */
import { EAGAIN, EINTR, ERESTARTSYS, type Errno, type Result } from "../../abi/errno.ts";
import type { Instant } from "../../abi/types.ts";
import type { Task } from "../../kernel/task.ts";
import { type Answer, type Blocking, isBlocking } from "../../kernel/wait.ts";
import { instantAfter } from "../posix-time/index.ts";
import type { Socket } from "./socket.ts";

/** One call on its way: all that a sleep must not lose. */
export interface Pending {
  readonly socket: Socket;
  readonly nonBlocking: boolean;
  readonly deadline: Instant | undefined;
  /** Does what can be done now; EAGAIN where that is not all. */
  attempt(task: Task): Answer;
  /** What an end before its time answers: how much was done, if that is something. */
  settle(task: Task, why: Errno): Result<number>;
  /** The task ended in its sleep: gives back what the call holds. */
  abandon?(): void;
}

/** When a call gives up that begins now; undefined for never. */
export function deadlineOf(task: Task, timeoutNs: number | undefined): Instant | undefined {
  return timeoutNs === undefined ? undefined : instantAfter(task.kernel, timeoutNs);
}

/** Makes the call, and sleeps if it has to. It is also how one goes on whose generator was thrown away. */
export function perform(task: Task, pending: Pending): Answer {
  const answer = pending.attempt(task);
  if (!isBlocking(answer)) {
    if (answer !== EAGAIN) return answer;
    if (pending.nonBlocking) return pending.settle(task, EAGAIN);
  }
  task.restart = pending;
  return untilDone(task, pending, answer);
}

function* untilDone(task: Task, pending: Pending, first: Answer): Blocking {
  let result: Result<number> | undefined;
  try {
    result = yield* sleepUntilDone(task, pending, first);
    return result;
  } finally {
    if (result === undefined) pending.abandon?.();
  }
}

function* sleepUntilDone(task: Task, pending: Pending, first: Answer): Blocking {
  const { socket, deadline, nonBlocking } = pending;
  for (let answer = first; ; answer = pending.attempt(task)) {
    const result = isBlocking(answer) ? yield* answer : answer;
    if (result !== EAGAIN) return result;
    if (nonBlocking || (deadline !== undefined && deadline <= task.kernel.now())) return pending.settle(task, EAGAIN);
    // Nothing changes between the attempt and this sleep, so that no wake-up is lost.
    const reason = yield { on: [socket.readiness], deadline };
    // A call with a timeout would begin it anew: it is not restarted (sock_intr_errno).
    if (reason === "signal") return pending.settle(task, deadline === undefined ? ERESTARTSYS : EINTR);
  }
}

/** For calls that have done nothing as long as they are not done. */
export function fails(_task: Task, why: Errno): Errno {
  return why;
}
