/** splice(2): fs/splice.c. Order of checks: __do_splice() and do_splice(). */
import { EAGAIN, EBADF, EINVAL, EPIPE, ERESTARTSYS, Errno, ESPIPE, type Result } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import { MAX_RW_COUNT } from "../../abi/limits.ts";
import { SIG } from "../../abi/signal.ts";
import { S } from "../../abi/stat.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { SPLICE } from "../../abi/uio.ts";
import { i64 } from "../../base/struct.ts";
import { structIn } from "../../kernel/struct-arg.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { type Answer, type Blocking, isBlocking } from "../../kernel/wait.ts";
import { fdArg } from "../posix-fdtab/arguments.ts";
import { fileOf, type OpenFile } from "../posix-fdtab/index.ts";
import type { Pipe } from "../posix-pipe/index.ts";
import { postSignal } from "../posix-signal/index.ts";
import { pipeOf, SPLICE_FLAGS, untilFilled, untilRoom } from "./pipe-waits.ts";

/** A splice on its way: what moved has left its source and reached its target, so that `done` tells all. */
interface Splice {
  readonly from: OpenFile;
  readonly to: OpenFile;
  /** Where the guest keeps the position of the end that is no pipe; 0 for the file's own. */
  readonly positionAt: GuestPtr;
  position: number;
  readonly length: number;
  readonly nonBlocking: boolean;
  done: number;
}

/** Bytes that are copied at a time. */
const CHUNK = 1 << 16;

const offsetArg = structIn(i64, (v) => `[${v}]`);

export const splice = syscall({
  name: "splice",
  args: [fdArg, offsetArg, fdArg, offsetArg, arg.u64, arg.flags(SPLICE, "SPLICE_F_")],
  support: "full",
  run(task, fromFd, fromAt, toFd, toAt, length, flags) {
    if (length === 0) return 0;
    if (flags & ~SPLICE_FLAGS) return EINVAL;
    const from = fileOf(task, fromFd);
    if (from instanceof Errno) return from;
    const to = fileOf(task, toFd);
    if (to instanceof Errno) return to;
    const [source, target] = [pipeOf(from), pipeOf(to)];
    if ((source !== undefined && fromAt !== 0) || (target !== undefined && toAt !== 0)) return ESPIPE;
    const positionAt = (source === undefined ? fromAt : toAt) as GuestPtr<number>;
    const given = positionAt === 0 ? undefined : task.mm.readStruct(positionAt, i64);
    if (given instanceof Errno) return given;
    if (!from.readable || !to.writable) return EBADF;
    if (source === target) return EINVAL;
    const file = source === undefined ? from : to;
    const refused = source !== undefined && target !== undefined ? undefined : checkFile(file, given, file === to);
    if (refused !== undefined) return refused;
    const nonBlocking = (flags & SPLICE.NONBLOCK) !== 0 || (source !== undefined && from.nonBlocking);
    return move(task, {
      from,
      to,
      positionAt,
      position: given ?? file.position,
      length: Math.min(length, MAX_RW_COUNT),
      nonBlocking: nonBlocking || (target !== undefined && to.nonBlocking),
      done: 0,
    });
  },
  restart: move,
});

/** Whether the end that is no pipe can be spliced at a position, and a target at all. */
function checkFile(file: OpenFile, position: number | undefined, isTarget: boolean): Errno | undefined {
  if (position !== undefined && !file.seekable) return EINVAL;
  if (isTarget && file.flags & O.APPEND) return EINVAL;
  if (position !== undefined && position < 0) return EINVAL;
  return isTarget && !SPLICED.has(file.type) ? EINVAL : undefined;
}

/** What has splice operations: event counters, directories and the like have none. */
const SPLICED: ReadonlySet<number> = new Set([S.IFREG, S.IFCHR, S.IFSOCK]);

function* move(task: Task, state: Splice): Blocking {
  task.restart = state;
  const [source, target] = [pipeOf(state.from), pipeOf(state.to)];
  const stopped =
    source === undefined
      ? yield* fromFile(task, state, target!)
      : target === undefined
        ? yield* toFile(task, state, source)
        : yield* betweenPipes(task, state, source, target);
  const kept = keepPosition(task, state, source === undefined ? state.from : state.to);
  if (kept instanceof Errno) return kept;
  return state.done === 0 && stopped instanceof Errno ? stopped : state.done;
}

/** splice_file_to_pipe: fills the room that there is, and does not wait for more. */
function* fromFile(task: Task, state: Splice, target: Pipe): Blocking {
  const { from } = state;
  for (;;) {
    const room = yield* untilRoom(task, target, state.nonBlocking);
    if (room instanceof Errno) return room;
    if (!SPLICED.has(from.type)) return EINVAL;
    const chunk = new Uint8Array(Math.min(state.length, room, CHUNK));
    const read = yield* waitFor(from.read(task, chunk, state.position));
    if (read === EAGAIN && !from.nonBlocking && !state.nonBlocking) {
      if ((yield { on: [from.readiness] }) === "signal") return ERESTARTSYS;
      continue;
    }
    if (read instanceof Errno) return read;
    // Only files with a position sleep within a read: what finds no room is read again.
    const written = read === 0 ? 0 : target.put(chunk.subarray(0, read));
    advance(state, written);
    return written;
  }
}

/** splice_from_pipe: waits for the first bytes, and ends when the pipe is empty. */
function* toFile(task: Task, state: Splice, source: Pipe): Blocking {
  const { to } = state;
  while (state.done < state.length) {
    const filled = state.done > 0 ? source.length : yield* untilFilled(source, state.nonBlocking);
    if (filled instanceof Errno || filled === 0) return filled;
    const chunk = new Uint8Array(Math.min(state.length - state.done, filled, CHUNK));
    source.peek(chunk);
    const written = yield* waitFor(to.write(task, chunk, state.position));
    if (written === EPIPE && to.signalsBrokenPipe) postSignal(task, { signo: SIG.PIPE });
    if (written === EAGAIN && !to.nonBlocking && !state.nonBlocking) {
      if ((yield { on: [to.readiness] }) === "signal") return ERESTARTSYS;
      continue;
    }
    if (written instanceof Errno) return written;
    source.drop(written);
    advance(state, written);
  }
  return state.done;
}

/** splice_pipe_to_pipe: moves what is there into the room that there is. */
function* betweenPipes(task: Task, state: Splice, source: Pipe, target: Pipe): Blocking {
  for (;;) {
    const filled = yield* untilFilled(source, state.nonBlocking);
    if (filled instanceof Errno || filled === 0) return filled;
    const room = yield* untilRoom(task, target, state.nonBlocking);
    if (room instanceof Errno) return room;
    const moved = source.handOn(target, state.length, false);
    // Somebody else may have read it during the second wait.
    if (moved === 0) continue;
    advance(state, moved);
    return moved;
  }
}

function advance(state: Splice, count: number): void {
  state.position += count;
  state.done += count;
}

function* waitFor(answer: Answer): Blocking {
  return isBlocking(answer) ? yield* answer : answer;
}

function keepPosition(task: Task, { positionAt, position }: Splice, file: OpenFile): Result<0> {
  if (positionAt !== 0) return task.mm.writeStruct(positionAt as GuestPtr<number>, i64, position);
  if (file.seekable) file.position = position;
  return 0;
}
