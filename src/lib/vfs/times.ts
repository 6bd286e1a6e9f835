/** utimensat(2). Order of checks: do_utimes() in fs/utimes.c. */
import { EACCES, EINVAL, EPERM, EROFS, Errno, type Result } from "../../abi/errno.ts";
import { AT, AT_FDCWD } from "../../abi/fcntl.ts";
import { timespec } from "../../abi/riscv64/time.ts";
import { UTIME } from "../../abi/stat.ts";
import type { Fd, GuestPtr, Timespec } from "../../abi/types.ts";
import { array } from "../../base/struct.ts";
import { structIn } from "../../kernel/struct-arg.ts";
import { arg } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { chain } from "../posix-fdio/chain.ts";
import { startsOver } from "../posix-fdio/starts-over.ts";
import { atFlagsArg, dirFdArg } from "../posix-fdtab/arguments.ts";
import { checkAccess, MAY, ownsFile } from "./permission.ts";
import { type Subject, subjectNamed, subjectOf } from "./subject.ts";

const pair = array(timespec, 2);

const timesArg = structIn(pair, (times) => `[${times.map(formatTime).join(", ")}]`);

function formatTime({ seconds, nanoseconds }: Timespec): string {
  if (nanoseconds === UTIME.NOW) return "UTIME_NOW";
  if (nanoseconds === UTIME.OMIT) return "UTIME_OMIT";
  return `{tv_sec=${seconds}, tv_nsec=${nanoseconds}}`;
}

export const utimensat = startsOver({
  name: "utimensat",
  args: [dirFdArg, arg.path, timesArg, atFlagsArg(["SYMLINK_NOFOLLOW", "EMPTY_PATH"])],
  support: "full",
  run(task, dirFd, path, times, flags) {
    const wanted = readTimes(task, times);
    if (wanted instanceof Errno) return wanted;
    // Both times omitted: nothing is looked at, not even the path.
    if (wanted === "none") return 0;
    return chain(subjectFor(task, dirFd, path, flags), (subject) => setTimes(task, subject, wanted));
  },
});

/** What becomes of each time: an instant, the present, or nothing. */
interface Wanted {
  readonly atime: Timespec;
  readonly mtime: Timespec;
  /** Both are the present: then write permission is enough. */
  readonly touch: boolean;
}

const NOW: Timespec = { seconds: 0, nanoseconds: UTIME.NOW };

function readTimes(task: Task, at: GuestPtr): Result<Wanted | "none"> {
  if (at === 0) return { atime: NOW, mtime: NOW, touch: true };
  const times = task.mm.readStruct(at as GuestPtr<readonly Timespec[]>, pair);
  if (times instanceof Errno) return times;
  const [atime, mtime] = times as [Timespec, Timespec];
  if (atime.nanoseconds === UTIME.OMIT && mtime.nanoseconds === UTIME.OMIT) return "none";
  return { atime, mtime, touch: atime.nanoseconds === UTIME.NOW && mtime.nanoseconds === UTIME.NOW };
}

function isValid({ nanoseconds }: Timespec): boolean {
  if (nanoseconds === UTIME.NOW || nanoseconds === UTIME.OMIT) return true;
  return nanoseconds >= 0 && nanoseconds < 1_000_000_000;
}

/** A NULL path means the descriptor's own file, as futimens(3) asks. */
function subjectFor(task: Task, dirFd: Fd, path: GuestPtr, flags: number): Answer<Subject> {
  if (path === 0 && dirFd !== AT_FDCWD) return flags !== 0 ? EINVAL : subjectOf(task, dirFd);
  if (flags & ~(AT.SYMLINK_NOFOLLOW | AT.EMPTY_PATH)) return EINVAL;
  return subjectNamed(task, dirFd, path, flags);
}

function setTimes(task: Task, subject: Subject, { atime, mtime, touch }: Wanted): Answer {
  if (!isValid(atime) || !isValid(mtime)) return EINVAL;
  if (subject.isReadOnly) return EROFS;
  return chain(subject.attributes(), (now) => {
    if (!ownsFile(task.process, now)) {
      if (!touch) return EPERM;
      if (checkAccess(task.process, now, MAY.WRITE) !== undefined) return EACCES;
    }
    const present = task.kernel.host.clock.realtime();
    const instant = (time: Timespec): Timespec => (time.nanoseconds === UTIME.NOW ? present : time);
    return subject.change({
      ...(atime.nanoseconds === UTIME.OMIT ? {} : { atime: instant(atime) }),
      ...(mtime.nanoseconds === UTIME.OMIT ? {} : { mtime: instant(mtime) }),
    });
  });
}
