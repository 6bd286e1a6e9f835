/** linkat(2), symlinkat(2), readlinkat(2), unlinkat(2). Order of checks: fs/namei.c. */
import {
  EBUSY,
  EFAULT,
  EINVAL,
  EISDIR,
  ENOENT,
  ENOTDIR,
  ENOTEMPTY,
  EPERM,
  EROFS,
  Errno,
  EXDEV,
} from "../../abi/errno.ts";
import { AT, AT_FDCWD } from "../../abi/fcntl.ts";
import { IN } from "../../abi/inotify.ts";
import { S } from "../../abi/stat.ts";
import { bytesOf } from "../../base/bytes.ts";
import { arg } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { chain } from "../posix-fdio/chain.ts";
import { startsOver } from "../posix-fdio/starts-over.ts";
import { atFlagsArg, dirFdArg } from "../posix-fdtab/arguments.ts";
import type { Dentry, Location } from "./dentry.ts";
import { tellIfGone, tellInode, tellName } from "./file-events.ts";
import type { Inode } from "./inode.ts";
import { isReadOnly, makeIn, mustNotExist } from "./make.ts";
import { isPathless, locate, locateLast, readPath } from "./paths.ts";
import { checkAccess, checkDelete, MAY } from "./permission.ts";
import type { Last } from "./walk.ts";

export const linkat = startsOver({
  name: "linkat",
  args: [dirFdArg, arg.path, dirFdArg, arg.path, atFlagsArg(["SYMLINK_FOLLOW", "EMPTY_PATH"])],
  support: "full",
  run(task, oldDirFd, oldPath, newDirFd, newPath, flags) {
    if (flags & ~(AT.SYMLINK_FOLLOW | AT.EMPTY_PATH)) return EINVAL;
    const how = (flags & AT.SYMLINK_FOLLOW ? 0 : AT.SYMLINK_NOFOLLOW) | (flags & AT.EMPTY_PATH);
    return chain(locate(task, oldDirFd, oldPath, how), (source) =>
      chain(locateLast(task, newDirFd, newPath), (last) =>
        chain(mustNotExist(last, false), () => makeLink(task, source, last)),
      ),
    );
  },
});

function makeLink(task: Task, source: Location, { parent, name }: Last): Answer {
  if (source.mount !== parent.mount) return EXDEV;
  if (isReadOnly(parent)) return EROFS;
  const { inode } = source.dentry;
  return chain(parent.dentry.inode.attributes(), (directory) => {
    const refused = checkAccess(task.process, directory, MAY.WRITE | MAY.EXEC);
    if (refused !== undefined) return refused;
    if (source.dentry.isDirectory) return EPERM;
    return chain(inode.attributes(), ({ links }): Answer => {
      // A file without names gets one only from an O_TMPFILE descriptor; one that lost its last name is gone.
      if (links === 0 && !source.dentry.name.startsWith("#")) return ENOENT;
      return chain(parent.dentry.inode.link(name, inode), () => {
        parent.dentry.child(name, inode);
        inode.nameless = false;
        tellInode(task.kernel, IN.ATTRIB, inode);
        tellName(task.kernel, IN.CREATE, parent.dentry, name, inode);
        return 0;
      });
    });
  });
}

export const symlinkat = startsOver({
  name: "symlinkat",
  args: [arg.path, dirFdArg, arg.path],
  support: "full",
  run(task, targetAt, dirFd, path) {
    const target = readPath(task, targetAt);
    if (target instanceof Errno) return target;
    return chain(locateLast(task, dirFd, path), (last) =>
      chain(mustNotExist(last, false), () =>
        chain(makeIn(task, last.parent, last.name, S.IFLNK | S.RWX, { target }), () => 0),
      ),
    );
  },
});

export const readlinkat = startsOver({
  name: "readlinkat",
  args: [dirFdArg, arg.path, arg.output, arg.u64],
  support: "full",
  run(task, dirFd, path, into, size) {
    if (size <= 0 || size > 0x7fff_ffff) return EINVAL;
    if (isPathless(task, dirFd, path)) return ENOENT;
    // An empty path means the link that the descriptor was opened for, with O_PATH|O_NOFOLLOW.
    const flags = AT.SYMLINK_NOFOLLOW | (dirFd === AT_FDCWD ? 0 : AT.EMPTY_PATH);
    return chain(locate(task, dirFd, path, flags), ({ dentry }): Answer => {
      if (!dentry.isSymlink) return task.mm.readCString(path, 1) === "" ? ENOENT : EINVAL;
      return chain(dentry.inode.readLink(task), (target) => {
        const shown = bytesOf(target).subarray(0, size);
        return task.mm.write(into, shown) instanceof Errno ? EFAULT : shown.length;
      });
    });
  },
});

export const unlinkat = startsOver({
  name: "unlinkat",
  args: [dirFdArg, arg.path, atFlagsArg(["REMOVEDIR"])],
  support: "full",
  run(task, dirFd, path, flags) {
    if (flags & ~AT.REMOVEDIR) return EINVAL;
    const directory = (flags & AT.REMOVEDIR) !== 0;
    return chain(locateLast(task, dirFd, path), (last) => (directory ? removeDirectory : removeFile)(task, last));
  },
});

/** What is to be removed, and whether it has no other name. */
interface Victim {
  readonly dentry: Dentry;
  readonly isLast: boolean;
}

/** Finds what is to be removed, and checks who asks (may_delete). */
function victim(task: Task, { parent, name }: Last): Answer<Victim> {
  return chain(parent.dentry.inode.lookup(name), (inode): Answer<Victim> => {
    const dentry = parent.dentry.child(name, inode);
    if (isReadOnly(parent)) return EROFS;
    return chain(parent.dentry.inode.attributes(), (directory) =>
      chain(inode.attributes(), (attributes): Answer<Victim> => {
        const isLast = dentry.isDirectory || attributes.links <= 1;
        return checkDelete(task.process, directory, attributes) ?? { dentry, isLast };
      }),
    );
  });
}

function removeDirectory(task: Task, last: Last): Answer {
  if (last.kind !== "name") return last.kind === "dot" ? EINVAL : last.kind === "dotdot" ? ENOTEMPTY : EBUSY;
  return chain(victim(task, last), ({ dentry }): Answer => {
    if (!dentry.isDirectory) return ENOTDIR;
    if (dentry.mounted !== undefined) return EBUSY;
    return chain(last.parent.dentry.inode.rmdir(last.name), () => {
      last.parent.dentry.forget(last.name);
      return tellRemoval(task, last, dentry.inode, true);
    });
  });
}

function removeFile(task: Task, last: Last): Answer {
  if (last.kind !== "name") return EISDIR;
  return chain(victim(task, last), ({ dentry, isLast }): Answer => {
    if (last.slashed) return dentry.isDirectory ? EISDIR : ENOTDIR;
    if (dentry.isDirectory) return EISDIR;
    return chain(last.parent.dentry.inode.unlink(last.name), () => {
      last.parent.dentry.forget(last.name);
      tellInode(task.kernel, IN.ATTRIB, dentry.inode);
      return tellRemoval(task, last, dentry.inode, isLast);
    });
  });
}

/** The file is told before its directory. (d_delete_notify) */
function tellRemoval({ kernel }: Task, { parent, name }: Last, inode: Inode, isLast: boolean): 0 {
  inode.nameless = isLast;
  tellIfGone(kernel, inode);
  tellName(kernel, IN.DELETE, parent.dentry, name, inode);
  return 0;
}
