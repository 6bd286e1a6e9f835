/** sendfile(2) and copy_file_range(2): from one file to another without the guest's memory in between. */
import {
  EAGAIN,
  EBADF,
  EINVAL,
  EISDIR,
  EOVERFLOW,
  EPIPE,
  ERESTARTSYS,
  Errno,
  ESPIPE,
  type Result,
} from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import { MAX_RW_COUNT } from "../../abi/limits.ts";
import { SIG } from "../../abi/signal.ts";
import { S } from "../../abi/stat.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { i64 } from "../../base/struct.ts";
import { structIn } from "../../kernel/struct-arg.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { type Answer, type Blocking, isBlocking } from "../../kernel/wait.ts";
import { fdArg } from "../posix-fdtab/arguments.ts";
import { fileOf, type OpenFile } from "../posix-fdtab/index.ts";
import { postSignal } from "../posix-signal/index.ts";

/** A copy on its way. A source keeps what the target does not take, so that only positions have to be remembered. */
interface Copy {
  readonly from: OpenFile;
  readonly to: OpenFile;
  /** Where the guest keeps the position, or 0 for the file's own. */
  readonly fromAt: GuestPtr;
  readonly toAt: GuestPtr;
  fromPosition: number;
  toPosition: number;
  left: number;
  done: number;
}

const CHUNK = 1 << 17;

const offsetArg = structIn(i64, (v) => `[${v}]`);

/** Copies until the source ends or the target fails; writes the positions back. */
function* copy(task: Task, state: Copy): Blocking {
  task.restart = state;
  const stopped = yield* copyParts(task, state);
  const kept = keepPositions(task, state);
  if (kept instanceof Errno) return kept;
  return state.done === 0 && stopped instanceof Errno ? stopped : state.done;
}

function* copyParts(task: Task, state: Copy): Blocking {
  const { from, to } = state;
  while (state.left > 0) {
    const chunk = new Uint8Array(Math.min(state.left, CHUNK));
    const read = yield* waitFor(from.read(task, chunk, state.fromPosition));
    if (read instanceof Errno || read === 0) return read;
    const written = yield* waitFor(to.write(task, chunk.subarray(0, read), state.toPosition));
    if (written === EPIPE) postSignal(task, { signo: SIG.PIPE });
    if (written === EAGAIN && !to.nonBlocking) {
      if ((yield { on: [to.readiness] }) === "signal") return ERESTARTSYS;
      continue;
    }
    if (written instanceof Errno || written === 0) return written;
    state.fromPosition += written;
    state.toPosition += written;
    state.left -= written;
    state.done += written;
  }
  return 0;
}

function* waitFor(answer: Answer): Blocking {
  return isBlocking(answer) ? yield* answer : answer;
}

function keepPositions(task: Task, { from, to, fromAt, toAt, fromPosition, toPosition }: Copy): Result<number> {
  if (fromAt === 0) from.position = fromPosition;
  else {
    const written = task.mm.writeStruct(fromAt as GuestPtr<number>, i64, fromPosition);
    if (written instanceof Errno) return written;
  }
  if (toAt !== 0) return task.mm.writeStruct(toAt as GuestPtr<number>, i64, toPosition);
  if (to.seekable) to.position = toPosition;
  return 0;
}

/** A position that the guest keeps at an address, or the file's own if the address is NULL. */
function positionAt(task: Task, at: GuestPtr, file: OpenFile): Result<number> {
  return at === 0 ? file.position : task.mm.readStruct(at as GuestPtr<number>, i64);
}

// Order of checks: do_sendfile() in fs/read_write.c.
export const sendfile = syscall({
  name: "sendfile",
  args: [fdArg, fdArg, offsetArg, arg.u64],
  support: "full",
  run(task, toFd, fromFd, at, count) {
    const offset = at === 0 ? undefined : task.mm.readStruct(at, i64);
    if (offset instanceof Errno) return offset;
    const from = fileOf(task, fromFd);
    if (from instanceof Errno) return from;
    if (!from.readable) return EBADF;
    if (offset !== undefined && !from.seekable) return ESPIPE;
    if (offset !== undefined && offset < 0) return EINVAL;
    const to = fileOf(task, toFd);
    if (to instanceof Errno) return to;
    if (!to.writable) return EBADF;
    if (!from.seekable || from.type === 0 || to.flags & O.APPEND) return EINVAL;
    return copy(task, {
      from,
      to,
      fromAt: at as GuestPtr,
      toAt: 0 as GuestPtr,
      fromPosition: offset ?? from.position,
      toPosition: to.position,
      left: Math.min(count, MAX_RW_COUNT),
      done: 0,
    });
  },
  restart: copy,
});

// Order of checks: vfs_copy_file_range() and generic_copy_file_checks() in fs/read_write.c.
export const copyFileRange = syscall({
  name: "copy_file_range",
  args: [fdArg, offsetArg, fdArg, offsetArg, arg.u64, arg.u32],
  support: "full",
  run(task, fromFd, fromAt, toFd, toAt, count, flags) {
    const from = fileOf(task, fromFd);
    if (from instanceof Errno) return from;
    const to = fileOf(task, toFd);
    if (to instanceof Errno) return to;
    const fromPosition = positionAt(task, fromAt as GuestPtr, from);
    if (fromPosition instanceof Errno) return fromPosition;
    const toPosition = positionAt(task, toAt as GuestPtr, to);
    if (toPosition instanceof Errno) return toPosition;
    if (flags !== 0) return EINVAL;
    if (from.type === S.IFDIR || to.type === S.IFDIR) return EISDIR;
    if (from.type !== S.IFREG || to.type !== S.IFREG) return EINVAL;
    if (!from.readable || !to.writable || to.flags & O.APPEND) return EBADF;
    if (wraps(fromPosition, count) || wraps(toPosition, count)) return EOVERFLOW;
    if (fromPosition < 0 || toPosition < 0) return EINVAL;
    return copyRange(task, {
      from,
      to,
      fromAt: fromAt as GuestPtr,
      toAt: toAt as GuestPtr,
      fromPosition,
      toPosition,
      left: Math.min(count, MAX_RW_COUNT),
      done: 0,
    });
  },
  restart: copyRange,
});

/** Whether the end of a range is beyond 64 bits; a negative position counts as a large one, as it does in C. */
function wraps(position: number, count: number): boolean {
  return position < 0 ? count >= -position : position + count >= 2 ** 64;
}

/** A copy within one file must not overlap; what is behind its end is not copied. */
function* copyRange(task: Task, state: Copy): Blocking {
  task.restart = state;
  const { from, to, fromPosition, toPosition, left, done } = state;
  if (done === 0 && from.subject === to.subject) {
    const end = from.endPosition();
    const size = isBlocking(end) ? yield* end : end;
    if (size instanceof Errno) return size;
    const length = Math.min(left, Math.max(size - fromPosition, 0));
    if (Math.abs(fromPosition - toPosition) < length) return EINVAL;
  }
  return yield* copy(task, state);
}
