/**
 * Moving bytes between a file and the guest, asleep while the file has none: the loop below read(2), write(2) and their
 * vectored and positioned forms. (new_sync_read, new_sync_write in fs/read_write.c)
 */
import { EAGAIN, EINTR, EPIPE, ERESTARTSYS, Errno, type Result } from "../../abi/errno.ts";
import { SIG } from "../../abi/signal.ts";
import type { Instant } from "../../abi/types.ts";
import type { Task } from "../../kernel/task.ts";
import {
  type Answer,
  type Blocking,
  type CallAnswer,
  isBlocking,
  type Wait,
  type WakeReason,
} from "../../kernel/wait.ts";
import type { OpenFile } from "../posix-fdtab/index.ts";
import { postSignal } from "../posix-signal/index.ts";
import { type GuestBuffer, gather, room, scatter } from "./guest-buffer.ts";

/** One read or write on its way: all that a sleep must not lose. */
export interface Transfer {
  readonly direction: "read" | "write";
  readonly file: OpenFile;
  readonly buffer: GuestBuffer;
  /** Where; undefined for the file's own position, which then moves. */
  readonly position: number | undefined;
  /** Writes go to the end of the file, wherever its position is. */
  readonly append: boolean;
  /** Answers EAGAIN instead of sleeping. */
  readonly nonBlocking: boolean;
  /** Bytes written so far; a read never sleeps once it has some. */
  done: number;
  /** Whether it sleeps until the file is ready. */
  isWaiting: boolean;
  /** When it gives up, once it has had to sleep; undefined for never. */
  until: Instant | undefined;
}

/**
 * Reads or writes, and sleeps if it has to; also goes on with a transfer that slept.
 *
 * @param reason - why a sleep ended, if there was one.
 */
export function transfer(task: Task, state: Transfer, reason?: WakeReason): CallAnswer {
  // One that gives up after a time would begin that anew (sock_intr_errno).
  if (state.isWaiting && reason === "signal") return settle(state, state.until === undefined ? ERESTARTSYS : EINTR);
  const answer = attempt(task, state);
  if (isBlocking(answer)) {
    task.restart = state;
    state.isWaiting = false;
    return fetched(task, state, answer);
  }
  return answer === EAGAIN ? untilReady(task, state) : settle(state, answer);
}

/** Goes on with a file that had to fetch something. */
function* fetched(task: Task, state: Transfer, answer: Blocking): Blocking {
  const result = yield* answer;
  if (result !== EAGAIN) return settle(state, result);
  let next: CallAnswer = untilReady(task, state);
  while (typeof next === "object" && "on" in next) next = transfer(task, state, yield next);
  return isBlocking(next) ? yield* next : next;
}

/** What a transfer waits for that could do nothing; or EAGAIN, if it does not wait any longer. */
function untilReady(task: Task, state: Transfer): Result<number> | Wait {
  if (state.nonBlocking) return settle(state, EAGAIN);
  if (!state.isWaiting) {
    task.restart = state;
    state.until ??= patience(task, state);
  }
  const { until } = state;
  if (until !== undefined && until <= task.kernel.now()) return settle(state, EAGAIN);
  const deadline = state.direction === "read" ? (state.file.readDeadline() ?? until) : until;
  state.isWaiting = true;
  // Nothing changes between the attempt and this sleep, so that no wake-up is lost.
  return deadline === undefined ? state.file.untilReady : { on: [state.file.readiness], deadline };
}

function patience({ kernel }: Task, { file, direction }: Transfer): Instant | undefined {
  const ns = file.patienceNs(direction);
  return ns === undefined ? undefined : ((kernel.now() + ns) as Instant);
}

/** What was moved before something stopped the transfer counts more than what stopped it. */
function settle(state: Transfer, result: Result<number>): Result<number> {
  return result instanceof Errno && state.done > 0 ? state.done : result;
}

function attempt(task: Task, state: Transfer): Answer {
  return state.direction === "read" ? attemptRead(task, state) : attemptWrite(task, state);
}

function attemptRead(task: Task, state: Transfer): Answer {
  const { file, buffer } = state;
  const into = room(task, buffer);
  if (into instanceof Errno) return into;
  const answer = file.read(task, into, state.position ?? file.position);
  if (isBlocking(answer)) return afterwards(answer, (count) => finishRead(task, state, into, count));
  return answer instanceof Errno ? answer : finishRead(task, state, into, answer);
}

function finishRead(task: Task, { file, buffer, position }: Transfer, into: Uint8Array, count: number): number {
  scatter(task, buffer, into, count);
  if (position === undefined && file.seekable) file.position += count;
  return count;
}

/** Writes until all is taken, the file takes no more, or it fails. */
function attemptWrite(task: Task, state: Transfer): Answer {
  const { file, buffer } = state;
  if (file.swallows) {
    state.done = buffer.length;
    return state.done;
  }
  for (;;) {
    const before = state.done;
    const from = gather(task, buffer, before);
    if (from instanceof Errno) return from;
    const at = state.append ? file.endPosition() : (state.position ?? file.position - before) + before;
    // A file that has to fetch something writes what it can, and the call answers that.
    if (isBlocking(at)) return afterwards(at, (position) => writePart(task, state, from, position));
    if (at instanceof Errno) return at;
    const answer = writePart(task, state, from, at);
    if (isBlocking(answer) || answer instanceof Errno) return answer;
    if (state.done === before || state.done >= buffer.length) return state.done;
  }
}

function writePart(task: Task, state: Transfer, from: Uint8Array, at: number): Answer {
  const answer = state.file.write(task, from, at);
  if (isBlocking(answer)) return afterwards(answer, (count) => finishWrite(state, at, count));
  if (answer === EPIPE && state.file.signalsBrokenPipe) postSignal(task, { signo: SIG.PIPE });
  return answer instanceof Errno ? answer : finishWrite(state, at, answer);
}

function finishWrite(state: Transfer, at: number, count: number): number {
  const { file } = state;
  state.done += count;
  if (state.position === undefined && file.seekable) file.position = at + count;
  return state.done;
}

/** Applies `next` to what a sleep ends with. */
function* afterwards(sleep: Blocking, next: (value: number) => Answer): Blocking {
  const value = yield* sleep;
  if (value instanceof Errno) return value;
  const answer = next(value);
  return isBlocking(answer) ? yield* answer : answer;
}
