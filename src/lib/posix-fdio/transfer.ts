/**
 * Moving bytes between a file and the guest, asleep while the file has none: the loop below read(2), write(2) and their
 * vectored and positioned forms. (new_sync_read, new_sync_write in fs/read_write.c)
 */
import { EAGAIN, EINTR, EPIPE, ERESTARTSYS, Errno, type Result } from "../../abi/errno.ts";
import { SIG } from "../../abi/signal.ts";
import type { Instant } from "../../abi/types.ts";
import type { Task } from "../../kernel/task.ts";
import { type Answer, type Blocking, isBlocking } from "../../kernel/wait.ts";
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
  /** When it gives up, once it has had to sleep; undefined for never. */
  until?: Instant | undefined;
}

/** Reads or writes, and sleeps if it has to. It is also how a transfer goes on after its generator was thrown away. */
export function transfer(task: Task, state: Transfer): Answer {
  const answer = attempt(task, state);
  if (isBlocking(answer)) {
    task.restart = state;
    return untilDone(task, state, answer);
  }
  if (answer !== EAGAIN || state.nonBlocking) return settle(state, answer);
  task.restart = state;
  state.until ??= patience(task, state);
  return untilDone(task, state, EAGAIN);
}

function patience({ kernel }: Task, { file, direction }: Transfer): Instant | undefined {
  const ns = file.patienceNs(direction);
  return ns === undefined ? undefined : ((kernel.now() + ns) as Instant);
}

function* untilDone(task: Task, state: Transfer, first: Answer): Blocking {
  for (let answer = first; ; answer = attempt(task, state)) {
    const result = isBlocking(answer) ? yield* answer : answer;
    if (result !== EAGAIN || state.nonBlocking) return settle(state, result);
    const { until } = state;
    if (until !== undefined && until <= task.kernel.now()) return settle(state, EAGAIN);
    const deadline = state.direction === "read" ? (state.file.readDeadline() ?? until) : until;
    // Nothing changes between the attempt and this sleep, so that no wake-up is lost.
    const reason = yield { on: [state.file.readiness], deadline };
    // One that gives up after a time would begin that anew (sock_intr_errno).
    if (reason === "signal") return settle(state, until === undefined ? ERESTARTSYS : EINTR);
  }
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
