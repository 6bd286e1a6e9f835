/** renameat2(2). Order of checks: do_renameat2() and vfs_rename() in fs/namei.c. */
import {
  EBUSY,
  EEXIST,
  EINVAL,
  EISDIR,
  ENOENT,
  ENOTDIR,
  ENOTEMPTY,
  EROFS,
  type Errno,
  EXDEV,
} from "../../abi/errno.ts";
import { RENAME } from "../../abi/fcntl.ts";
import { IN } from "../../abi/inotify.ts";
import { S } from "../../abi/stat.ts";
import { arg } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { chain, orAbsent } from "../posix-fdio/chain.ts";
import { startsOver } from "../posix-fdio/starts-over.ts";
import { dirFdArg } from "../posix-fdtab/arguments.ts";
import type { Attributes } from "../posix-fdtab/index.ts";
import type { Dentry } from "./dentry.ts";
import { tellIfGone, tellInode, tellMove } from "./file-events.ts";
import type { Inode } from "./inode.ts";
import { isReadOnly } from "./make.ts";
import { locateLast } from "./paths.ts";
import { checkAccess, checkDelete, MAY } from "./permission.ts";
import type { Last } from "./walk.ts";

export const renameat2 = startsOver({
  name: "renameat2",
  args: [dirFdArg, arg.path, dirFdArg, arg.path, arg.flags(RENAME, "RENAME_")],
  support: { partial: "no RENAME_WHITEOUT" },
  run(task, oldDirFd, oldPath, newDirFd, newPath, flags) {
    if (flags & ~(RENAME.NOREPLACE | RENAME.EXCHANGE)) return EINVAL;
    if (flags & RENAME.NOREPLACE && flags & RENAME.EXCHANGE) return EINVAL;
    return chain(locateLast(task, oldDirFd, oldPath), (from) =>
      chain(locateLast(task, newDirFd, newPath), (to) => renameLast(task, from, to, flags)),
    );
  },
});

function renameLast(task: Task, from: Last, to: Last, flags: number): Answer {
  if (from.parent.mount !== to.parent.mount) return EXDEV;
  if (from.kind !== "name") return EBUSY;
  if (to.kind !== "name") return flags & RENAME.NOREPLACE ? EEXIST : EBUSY;
  if (isReadOnly(from.parent)) return EROFS;
  return chain(from.parent.dentry.inode.lookup(from.name), (source) =>
    chain(orAbsent(to.parent.dentry.inode.lookup(to.name)), (target) => move(task, from, to, source, target, flags)),
  );
}

function move(task: Task, from: Last, to: Last, source: Inode, target: Inode | undefined, flags: number): Answer {
  const exchange = (flags & RENAME.EXCHANGE) !== 0;
  const moved = from.parent.dentry.child(from.name, source);
  const replaced = target && to.parent.dentry.child(to.name, target);
  if (replaced !== undefined && flags & RENAME.NOREPLACE) return EEXIST;
  if (replaced === undefined && exchange) return ENOENT;
  const slashed = checkSlashes(from, to, moved, replaced, exchange);
  if (slashed !== undefined) return slashed;
  // Nothing may come below itself; and what lies above the source is not empty.
  if (isBelow(to.parent.dentry, moved)) return EINVAL;
  if (replaced !== undefined && isBelow(from.parent.dentry, replaced)) return exchange ? EINVAL : ENOTEMPTY;
  // Two names of one file: nothing is to be done, and both stay (POSIX).
  if (source === target) return 0;
  return chain(permitted(task, from, to, source, target), (isLast) => {
    if (!exchange && replaced !== undefined) {
      if (moved.isDirectory && !replaced.isDirectory) return ENOTDIR;
      if (!moved.isDirectory && replaced.isDirectory) return EISDIR;
    }
    if (to.parent.dentry.removed) return ENOENT;
    if (moved.mounted !== undefined || replaced?.mounted !== undefined) return EBUSY;
    return chain(from.parent.dentry.inode.rename(from.name, to.parent.dentry.inode, to.name, exchange), () => {
      if (exchange) swap(from, to, moved, replaced!);
      else moved.moveTo(to.parent.dentry, to.name);
      if (target !== undefined && !exchange) target.nameless = isLast;
      tellMoves(task, from, to, source, target, exchange);
      return 0;
    });
  });
}

/** A slash behind a name demands a directory there. */
function checkSlashes(
  from: Last,
  to: Last,
  moved: Dentry,
  replaced: Dentry | undefined,
  exchange: boolean,
): Errno | undefined {
  if (exchange && to.slashed && replaced?.isDirectory === false) return ENOTDIR;
  if (moved.isDirectory) return undefined;
  return from.slashed || (to.slashed && !exchange) ? ENOTDIR : undefined;
}

function isBelow(place: Dentry, ancestor: Dentry): boolean {
  for (let at = place; ; at = at.parent) {
    if (at === ancestor) return true;
    if (at === at.parent) return false;
  }
}

/**
 * Checks that both directories may be changed, and a moved directory's own ".." too. Answers whether what is at the target has
 * no other name.
 */
function permitted(task: Task, from: Last, to: Last, source: Inode, target: Inode | undefined): Answer<boolean> {
  const { process } = task;
  return chain(
    attributesOf([from.parent.dentry.inode, to.parent.dentry.inode, source, target]),
    (found): Answer<boolean> => {
      const [oldDirectory, newDirectory, moved, replaced] = found as [Attributes, Attributes, Attributes, Attributes?];
      const refused =
        checkDelete(process, oldDirectory, moved) ??
        (replaced === undefined
          ? checkAccess(process, newDirectory, MAY.WRITE | MAY.EXEC)
          : checkDelete(process, newDirectory, replaced));
      if (refused !== undefined) return refused;
      const changesParent = from.parent.dentry !== to.parent.dentry && from.parent.dentry.known(from.name)?.isDirectory;
      const isLast = target?.type === S.IFDIR || (replaced?.links ?? 0) <= 1;
      return (changesParent ? checkAccess(process, moved, MAY.WRITE) : undefined) ?? isLast;
    },
  );
}

function attributesOf(inodes: readonly (Inode | undefined)[]): Answer<readonly (Attributes | undefined)[]> {
  const [first, ...others] = inodes;
  if (inodes.length === 0) return [];
  if (first === undefined) return chain(attributesOf(others), (rest) => [undefined, ...rest]);
  return chain(first.attributes(), (attributes) => chain(attributesOf(others), (rest) => [attributes, ...rest]));
}

/** The order is that of vfs_rename. */
function tellMoves(
  { kernel }: Task,
  from: Last,
  to: Last,
  source: Inode,
  target: Inode | undefined,
  exchange: boolean,
): void {
  const [before, after] = [from, to].map(({ parent, name }) => [parent.dentry, name] as const);
  tellMove(kernel, before!, after!, source);
  if (target !== undefined && !exchange) tellInode(kernel, IN.ATTRIB, target);
  tellInode(kernel, IN.MOVE_SELF, source);
  if (target === undefined) return;
  if (!exchange) {
    tellIfGone(kernel, target);
    return;
  }
  tellMove(kernel, after!, before!, target);
  tellInode(kernel, IN.MOVE_SELF, target);
}

function swap(from: Last, to: Last, moved: Dentry, replaced: Dentry): void {
  moved.moveTo(to.parent.dentry, to.name);
  replaced.moveTo(from.parent.dentry, from.name);
}
