/** fcntl(2) record locks: F_SETLK and its kin by process, F_OFD_SETLK by open file. Order of checks: fs/locks.c. */
import { EAGAIN, EBADF, EINVAL, EOVERFLOW, ERESTARTSYS, Errno, type Result } from "../../abi/errno.ts";
import { F, LOCK_TYPE, SEEK } from "../../abi/fcntl.ts";
import { flockLayout } from "../../abi/riscv64/stat.ts";
import type { GuestPtr } from "../../abi/types.ts";
import type { StructOf } from "../../base/struct.ts";
import type { Process } from "../../kernel/process.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer, Blocking } from "../../kernel/wait.ts";
import { chain } from "../posix-fdio/chain.ts";
import type { FcntlCommand, OpenFile } from "../posix-fdtab/index.ts";
import { type FileLocks, locksOf, releaseWithFile } from "./file-locks.ts";
import type { RangeLock } from "./range-locks.ts";

type Flock = StructOf<typeof flockLayout>;

const MAX_OFFSET = Number.MAX_SAFE_INTEGER;

/** The lock that is asked for; for F_UNLCK the range to unlock. */
interface Request {
  readonly lock: RangeLock;
  readonly unlock: boolean;
}

function parse(task: Task, file: OpenFile, flock: Flock, byFile: boolean): Answer<Request> {
  if (byFile && flock.pid !== 0) return EINVAL;
  return chain(origin(file, flock.whence), (base): Answer<Request> => {
    const range = rangeOf(base + flock.start, flock.len);
    if (range instanceof Errno) return range;
    const { type } = flock;
    if (type !== LOCK_TYPE.RDLCK && type !== LOCK_TYPE.WRLCK && type !== LOCK_TYPE.UNLCK) return EINVAL;
    const owner = byFile ? file : task.process;
    const pid = byFile ? -1 : task.process.pid;
    const lock: RangeLock = { owner, type: type === LOCK_TYPE.WRLCK ? "write" : "read", pid, ...range };
    return { lock, unlock: type === LOCK_TYPE.UNLCK };
  });
}

/** What l_start counts from. */
function origin(file: OpenFile, whence: number): Answer {
  switch (whence) {
    case SEEK.SET:
      return 0;
    case SEEK.CUR:
      return file.position;
    case SEEK.END:
      return chain(file.attributes(), ({ size }) => size);
    default:
      return EINVAL;
  }
}

/** A length of 0 reaches to the end of all; a negative one lies before the start (flock64_to_posix_lock). */
function rangeOf(start: number, length: number): Result<{ readonly start: number; readonly end: number }> {
  if (start > MAX_OFFSET) return EOVERFLOW;
  if (start < 0) return EINVAL;
  if (length === 0) return { start, end: MAX_OFFSET };
  if (length > 0) return start + length - 1 > MAX_OFFSET ? EOVERFLOW : { start, end: start + length - 1 };
  return start + length < 0 ? EINVAL : { start: start + length, end: start - 1 };
}

function readFlock(task: Task, at: number): Result<Flock> {
  return task.mm.readStruct(at as GuestPtr<Flock>, flockLayout);
}

function get(task: Task, file: OpenFile, at: number, byFile: boolean): Answer {
  const flock = readFlock(task, at);
  if (flock instanceof Errno) return flock;
  if (flock.type === LOCK_TYPE.UNLCK) return EINVAL;
  return chain(parse(task, file, flock, byFile), ({ lock }) => {
    const found = locksOf(task.kernel, file).ranges.conflicting(lock);
    return task.mm.writeStruct(
      at as GuestPtr<Flock>,
      flockLayout,
      found === undefined ? { ...flock, type: LOCK_TYPE.UNLCK } : shown(found),
    );
  });
}

function shown({ type, start, end, pid }: RangeLock): Flock {
  const kind = type === "write" ? LOCK_TYPE.WRLCK : LOCK_TYPE.RDLCK;
  return { type: kind, whence: SEEK.SET, start, len: end === MAX_OFFSET ? 0 : end - start + 1, pid };
}

function set(task: Task, file: OpenFile, at: number, byFile: boolean, waits: boolean): Answer {
  const flock = readFlock(task, at);
  if (flock instanceof Errno) return flock;
  return chain(parse(task, file, flock, byFile), ({ lock, unlock }) => {
    if (!unlock && !(lock.type === "read" ? file.readable : file.writable)) return EBADF;
    const locks = locksOf(task.kernel, file);
    if (unlock) {
      locks.ranges.release(lock.owner, lock.start, lock.end);
      return 0;
    }
    if (locks.ranges.conflicting(lock) !== undefined) return waits ? waitFor(locks, file, lock) : EAGAIN;
    return taken(locks, file, lock);
  });
}

function taken(locks: FileLocks, file: OpenFile, lock: RangeLock): 0 {
  locks.ranges.take(lock);
  if (lock.owner === file) releaseWithFile(locks, file);
  return 0;
}

function* waitFor(locks: FileLocks, file: OpenFile, lock: RangeLock): Blocking {
  while (locks.ranges.conflicting(lock) !== undefined) {
    if ((yield { on: [locks.ranges.released] }) === "signal") return ERESTARTSYS;
  }
  return taken(locks, file, lock);
}

export const recordLockCommands: readonly FcntlCommand[] = [
  { command: F.GETLK, run: (task, file, at) => get(task, file, at, false) },
  { command: F.SETLK, run: (task, file, at) => set(task, file, at, false, false) },
  { command: F.SETLKW, run: (task, file, at) => set(task, file, at, false, true) },
  { command: F.OFD_GETLK, run: (task, file, at) => get(task, file, at, true) },
  { command: F.OFD_SETLK, run: (task, file, at) => set(task, file, at, true, false) },
  { command: F.OFD_SETLKW, run: (task, file, at) => set(task, file, at, true, true) },
];

/** A process loses its record locks of a file with the first descriptor of that file that it closes, whichever it is. */
export function releaseOnClose(process: Process, file: OpenFile): void {
  locksOf(process.kernel, file, "known")?.ranges.release(process, 0, MAX_OFFSET);
}
