/** chmod(2), chown(2) and umask(2). Order of checks: chmod_common() and chown_common() in fs/open.c, setattr_prepare() in fs/attr.c. */
import { CAP } from "../../abi/capability.ts";
import { EINVAL, EOPNOTSUPP, EPERM, EROFS, Errno } from "../../abi/errno.ts";
import { AT } from "../../abi/fcntl.ts";
import { S } from "../../abi/stat.ts";
import type { Gid } from "../../abi/types.ts";
import { type Arg, arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { chain } from "../posix-fdio/chain.ts";
import { startsOver } from "../posix-fdio/starts-over.ts";
import { atFlagsArg, dirFdArg, fdArg, modeArg } from "../posix-fdtab/arguments.ts";
import { credentialsOf, hasCapability, isInGroup } from "../posix-user/index.ts";
import { fsContext } from "./fs-context.ts";
import { allowedMode, ownsFile } from "./permission.ts";
import { type Subject, subjectNamed, subjectOf } from "./subject.ts";

function changeMode(task: Task, subject: Subject, mode: number): Answer {
  if (subject.isReadOnly) return EROFS;
  if (subject.type === S.IFLNK) return EOPNOTSUPP;
  return chain(subject.attributes(), (now) => {
    if (!ownsFile(task.process, now)) return EPERM;
    return subject.change({ mode: allowedMode(task.process, now, mode) });
  });
}

export const fchmod = startsOver({
  name: "fchmod",
  args: [fdArg, modeArg],
  support: "full",
  run(task, fd, mode) {
    const subject = subjectOf(task, fd);
    return subject instanceof Errno ? subject : changeMode(task, subject, mode);
  },
});

export const fchmodat = startsOver({
  name: "fchmodat",
  args: [dirFdArg, arg.path, modeArg],
  support: "full",
  run: (task, dirFd, path, mode) =>
    chain(subjectNamed(task, dirFd, path, 0), (subject) => changeMode(task, subject, mode)),
});

export const fchmodat2 = startsOver({
  name: "fchmodat2",
  args: [dirFdArg, arg.path, modeArg, atFlagsArg(["SYMLINK_NOFOLLOW", "EMPTY_PATH"])],
  support: "full",
  run(task, dirFd, path, mode, flags) {
    if (flags & ~(AT.SYMLINK_NOFOLLOW | AT.EMPTY_PATH)) return EINVAL;
    return chain(subjectNamed(task, dirFd, path, flags), (subject) => changeMode(task, subject, mode));
  },
});

const KEEP = 0xffff_ffff;

/** Who may: the owner may give a file to a group of its own, root to anyone. Set-id bits go with the old owner. */
function changeOwner(task: Task, subject: Subject, uid: number, gid: number): Answer {
  const { process } = task;
  if (subject.isReadOnly) return EROFS;
  return chain(subject.attributes(), (now) => {
    const root = hasCapability(process, CAP.CHOWN);
    const owns = credentialsOf(process).fsuid === now.uid;
    if (uid !== KEEP && !root && !(owns && uid === now.uid)) return EPERM;
    if (gid !== KEEP && !root && !(owns && (isInGroup(process, gid as Gid) || gid === now.gid))) return EPERM;
    const regular = subject.type !== S.IFDIR;
    const cleared = regular ? now.mode & S.ALL & ~S.ISUID & ~(now.mode & 0o010 ? S.ISGID : 0) : now.mode & S.ALL;
    return subject.change({
      ...(uid === KEEP ? {} : { uid }),
      ...(gid === KEEP ? {} : { gid }),
      ...(cleared === (now.mode & S.ALL) ? {} : { mode: cleared }),
    });
  });
}

const idArg: Arg<number> = { decode: "u32", format: (v) => (v === KEEP ? "-1" : `${v}`) };

export const fchown = startsOver({
  name: "fchown",
  args: [fdArg, idArg, idArg],
  support: "full",
  run(task, fd, uid, gid) {
    const subject = subjectOf(task, fd);
    return subject instanceof Errno ? subject : changeOwner(task, subject, uid, gid);
  },
});

export const fchownat = startsOver({
  name: "fchownat",
  args: [dirFdArg, arg.path, idArg, idArg, atFlagsArg(["SYMLINK_NOFOLLOW", "EMPTY_PATH"])],
  support: "full",
  run(task, dirFd, path, uid, gid, flags) {
    if (flags & ~(AT.SYMLINK_NOFOLLOW | AT.EMPTY_PATH)) return EINVAL;
    return chain(subjectNamed(task, dirFd, path, flags), (subject) => changeOwner(task, subject, uid, gid));
  },
});

export const umask = syscall({
  name: "umask",
  args: [modeArg],
  support: "full",
  run({ process }, mask) {
    const context = process.get(fsContext);
    const before = context.umask;
    context.umask = mask & S.RWX;
    return before;
  },
});
