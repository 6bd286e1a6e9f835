/** From the arguments of a *at(2) call to a place. */
import { ENOENT, ENOTDIR, Errno, type Result } from "../../abi/errno.ts";
import { AT, AT_FDCWD } from "../../abi/fcntl.ts";
import { PATH_MAX } from "../../abi/limits.ts";
import type { Fd, GuestPtr } from "../../abi/types.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { Process } from "../../kernel/process.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { chain } from "../posix-fdio/chain.ts";
import { type Attributes, anyFileOf } from "../posix-fdtab/index.ts";
import type { Location } from "./dentry.ts";
import { fsContext } from "./fs-context.ts";
import { LocatedFile } from "./located-file.ts";
import { type Last, Walk, type WalkOptions } from "./walk.ts";

/** Reads a path (getname_flags): ENOENT for "" unless the call takes that for the descriptor itself. */
export function readPath(task: Task, at: GuestPtr, emptyAllowed = false): Result<ByteString> {
  const path = task.mm.readCString(at, PATH_MAX);
  return path === "" && !emptyAllowed ? ENOENT : path;
}

/** Where a path starts from (path_init): only a relative one looks at the descriptor. */
export function startOf({ process }: { readonly process: Process }, dirFd: Fd, path: ByteString): Result<Location> {
  const { root, cwd } = process.get(fsContext);
  if (path.startsWith("/")) return root;
  if (dirFd === AT_FDCWD) return cwd;
  const file = anyFileOf({ process }, dirFd);
  if (file instanceof Errno) return file;
  if (!(file instanceof LocatedFile)) return ENOTDIR;
  return file.location.dentry.isDirectory || path === "" ? file.location : ENOTDIR;
}

/** Whether an empty path stands for an open file that no path leads to, such as a pipe. */
export function isPathless(task: Task, dirFd: Fd, at: GuestPtr): boolean {
  if (dirFd === AT_FDCWD || readPath(task, at, true) !== "") return false;
  const file = anyFileOf(task, dirFd);
  return !(file instanceof Errno || file instanceof LocatedFile);
}

/** A walk that is about to begin. */
export function walkFrom(
  { process }: { readonly process: Process },
  dirFd: Fd,
  path: ByteString,
  options: WalkOptions = {},
): Result<Walk> {
  const start = startOf({ process }, dirFd, path);
  if (start instanceof Errno) return start;
  return new Walk(process, process.get(fsContext).root, start, path, options);
}

/** The place that a path names; AT_SYMLINK_NOFOLLOW and AT_EMPTY_PATH as the call's flags say. */
export function locate(task: Task, dirFd: Fd, at: GuestPtr, flags = 0): Answer<Location> {
  const path = readPath(task, at, (flags & AT.EMPTY_PATH) !== 0);
  if (path instanceof Errno) return path;
  const walk = walkFrom(task, dirFd, path, { follow: !(flags & AT.SYMLINK_NOFOLLOW) });
  return walk instanceof Errno ? walk : walk.run();
}

/** The directory and name of what is to be made or removed. */
export function locateLast(task: Task, dirFd: Fd, at: GuestPtr): Answer<Last> {
  const path = readPath(task, at);
  if (path instanceof Errno) return path;
  const walk = walkFrom(task, dirFd, path, { follow: false });
  return walk instanceof Errno ? walk : walk.toLast();
}

/** Attributes of a file that is named by a path, or with AT_EMPTY_PATH by the descriptor alone, whatever it is of. */
export function attributesAt(task: Task, dirFd: Fd, at: GuestPtr, flags: number): Answer<Attributes> {
  if (flags & AT.EMPTY_PATH && dirFd !== AT_FDCWD) {
    // Since Linux 6.11 a NULL path stands for an empty one.
    const path = at === 0 ? "" : readPath(task, at, true);
    if (path instanceof Errno) return path;
    const file = path === "" ? anyFileOf(task, dirFd) : undefined;
    if (file !== undefined) return file instanceof Errno ? file : file.attributes();
  }
  return chain(locate(task, dirFd, at, flags), ({ dentry }) => dentry.inode.attributes());
}
