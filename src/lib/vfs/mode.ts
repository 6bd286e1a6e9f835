/** chmod(2), chown(2) and umask(2). Order of checks: chmod_common() and chown_common() in fs/open.c, setattr_prepare() in fs/attr.c. */
import { CAP } from "../../abi/capability.ts";
import { EINVAL, EOPNOTSUPP, EPERM, EROFS, Errno } from "../../abi/errno.ts";
import { AT } from "../../abi/fcntl.ts";
import { S } from "../../abi/stat.ts";
import type { Fd, Gid } from "../../abi/types.ts";
import { type Arg, arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { chain } from "../posix-fdio/chain.ts";
import { startsOver } from "../posix-fdio/starts-over.ts";
import { atFlagsArg, dirFdArg, fdArg, modeArg } from "../posix-fdtab/arguments.ts";
import { fileOf } from "../posix-fdtab/index.ts";
import { credentialsOf, hasCapability, isInGroup } from "../posix-user/index.ts";
import type { Location } from "./dentry.ts";
import { fsContext } from "./fs-context.ts";
import { LocatedFile } from "./located-file.ts";
import { isReadOnly } from "./make.ts";
import { locate } from "./paths.ts";
import { allowedMode, ownsFile } from "./permission.ts";

/** The place of an open file; a file without a path, such as a pipe, has attributes that nobody can change here. */
export function placeOf(task: Task, fd: Fd): Location | Errno {
  const file = fileOf(task, fd);
  if (file instanceof Errno) return file;
  return file instanceof LocatedFile ? file.location : EPERM;
}

function changeMode(task: Task, place: Location, mode: number): Answer {
  const { inode } = place.dentry;
  if (isReadOnly(place)) return EROFS;
  if (inode.type === S.IFLNK) return EOPNOTSUPP;
  return chain(inode.attributes(), (now) => {
    if (!ownsFile(task.process, now)) return EPERM;
    return inode.change({ mode: allowedMode(task.process, now, mode) });
  });
}

export const fchmod = startsOver({
  name: "fchmod",
  args: [fdArg, modeArg],
  support: "full",
  run(task, fd, mode) {
    const place = placeOf(task, fd);
    return place instanceof Errno ? place : changeMode(task, place, mode);
  },
});

export const fchmodat = startsOver({
  name: "fchmodat",
  args: [dirFdArg, arg.path, modeArg],
  support: "full",
  run: (task, dirFd, path, mode) => chain(locate(task, dirFd, path), (place) => changeMode(task, place, mode)),
});

export const fchmodat2 = startsOver({
  name: "fchmodat2",
  args: [dirFdArg, arg.path, modeArg, atFlagsArg(["SYMLINK_NOFOLLOW", "EMPTY_PATH"])],
  support: "full",
  run(task, dirFd, path, mode, flags) {
    if (flags & ~(AT.SYMLINK_NOFOLLOW | AT.EMPTY_PATH)) return EINVAL;
    return chain(locate(task, dirFd, path, flags), (place) => changeMode(task, place, mode));
  },
});

const KEEP = 0xffff_ffff;

/** Who may: the owner may give a file to a group of its own, root to anyone. Set-id bits go with the old owner. */
function changeOwner(task: Task, place: Location, uid: number, gid: number): Answer {
  const { inode } = place.dentry;
  const { process } = task;
  if (isReadOnly(place)) return EROFS;
  return chain(inode.attributes(), (now) => {
    const root = hasCapability(process, CAP.CHOWN);
    const owns = credentialsOf(process).fsuid === now.uid;
    if (uid !== KEEP && !root && !(owns && uid === now.uid)) return EPERM;
    if (gid !== KEEP && !root && !(owns && (isInGroup(process, gid as Gid) || gid === now.gid))) return EPERM;
    const regular = inode.type !== S.IFDIR;
    const cleared = regular ? now.mode & S.ALL & ~S.ISUID & ~(now.mode & 0o010 ? S.ISGID : 0) : now.mode & S.ALL;
    return inode.change({
      ...(uid === KEEP ? {} : { uid }),
      ...(gid === KEEP ? {} : { gid }),
      ...(cleared === (now.mode & S.ALL) ? {} : { mode: cleared }),
    });
  });
}

const idArg: Arg<number> = { decode: (low) => low >>> 0, format: (v) => (v === KEEP ? "-1" : `${v}`) };

export const fchown = startsOver({
  name: "fchown",
  args: [fdArg, idArg, idArg],
  support: "full",
  run(task, fd, uid, gid) {
    const place = placeOf(task, fd);
    return place instanceof Errno ? place : changeOwner(task, place, uid, gid);
  },
});

export const fchownat = startsOver({
  name: "fchownat",
  args: [dirFdArg, arg.path, idArg, idArg, atFlagsArg(["SYMLINK_NOFOLLOW", "EMPTY_PATH"])],
  support: "full",
  run(task, dirFd, path, uid, gid, flags) {
    if (flags & ~(AT.SYMLINK_NOFOLLOW | AT.EMPTY_PATH)) return EINVAL;
    return chain(locate(task, dirFd, path, flags), (place) => changeOwner(task, place, uid, gid));
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
