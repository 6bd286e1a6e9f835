/** flock(2): a lock on a whole file, held by an open file. Order of checks: fs/locks.c. */
import { EAGAIN, EBADF, EINVAL, ERESTARTSYS, Errno } from "../../abi/errno.ts";
import { LOCK } from "../../abi/fcntl.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Blocking } from "../../kernel/wait.ts";
import { fdArg } from "../posix-fdtab/arguments.ts";
import { fileOf, type OpenFile } from "../posix-fdtab/index.ts";
import { type FileLocks, locksOf, releaseWithFile } from "./file-locks.ts";
import type { LockType } from "./range-locks.ts";

/** A lock that is waited for. */
interface State {
  readonly locks: FileLocks;
  readonly file: OpenFile;
  readonly type: LockType;
}

export const flock = syscall({
  name: "flock",
  args: [fdArg, arg.flags(LOCK, "LOCK_")],
  support: "full",
  run(task, fd, operation) {
    // Mandatory locks are gone since Linux 5.15: asking for one does nothing.
    if (operation & LOCK.MAND) return 0;
    const kind = operation & ~LOCK.NB;
    if (kind !== LOCK.SH && kind !== LOCK.EX && kind !== LOCK.UN) return EINVAL;
    const file = fileOf(task, fd);
    if (file instanceof Errno) return file;
    const locks = locksOf(task.kernel, file);
    if (kind === LOCK.UN) return unlock(locks, file);
    if (!file.readable && !file.writable) return EBADF;
    const type = kind === LOCK.EX ? "write" : "read";
    if (locks.whole.get(file) === type) return 0;
    // A change of type is not atomic: the old lock is gone before the new one is had, or refused.
    unlock(locks, file);
    if (isFree(locks, type)) return take(locks, file, type);
    if (operation & LOCK.NB) return EAGAIN;
    const state: State = { locks, file, type };
    task.restart = state;
    return waitFor(state);
  },
  restart: (_task, state: State) => waitFor(state),
});

function unlock({ whole, wholeReleased }: FileLocks, file: OpenFile): 0 {
  if (whole.delete(file)) wholeReleased.wake();
  return 0;
}

function isFree({ whole }: FileLocks, type: LockType): boolean {
  return type === "write" ? whole.size === 0 : ![...whole.values()].includes("write");
}

function take(locks: FileLocks, file: OpenFile, type: LockType): 0 {
  locks.whole.set(file, type);
  releaseWithFile(locks, file);
  return 0;
}

function* waitFor({ locks, file, type }: State): Blocking {
  while (!isFree(locks, type)) if ((yield { on: [locks.wholeReleased] }) === "signal") return ERESTARTSYS;
  return take(locks, file, type);
}
