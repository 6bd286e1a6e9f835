/** Making files: who may, with which owner and mode, and the name's place in the tree. */
import { EEXIST, ENOENT, ENOTDIR, EROFS } from "../../abi/errno.ts";
import { IN } from "../../abi/inotify.ts";
import { S } from "../../abi/stat.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { chain, orAbsent } from "../posix-fdio/chain.ts";
import type { Attributes } from "../posix-fdtab/index.ts";
import { credentialsOf } from "../posix-user/index.ts";
import { Dentry, type Location } from "./dentry.ts";
import { tellName } from "./file-events.ts";
import { fsContext } from "./fs-context.ts";
import type { NewNode } from "./inode.ts";
import { checkAccess, MAY } from "./permission.ts";
import type { Last } from "./walk.ts";

export function isReadOnly({ mount }: Location): boolean {
  return mount.fs.readOnly;
}

/** The new file's owner, group and mode: in a set-group-ID directory the group is the directory's (inode_init_owner). */
function newNode(task: Task, directory: Attributes, mode: number, extra: Partial<NewNode>): NewNode {
  const { fsuid, fsgid } = credentialsOf(task.process);
  const { umask } = task.process.get(fsContext);
  const link = (mode & S.IFMT) === S.IFLNK;
  const inherits = (directory.mode & S.ISGID) !== 0;
  const setGroupId = inherits && (mode & S.IFMT) === S.IFDIR ? S.ISGID : 0;
  return {
    mode: (link ? mode : mode & ~umask) | setGroupId,
    uid: fsuid,
    gid: inherits ? directory.gid : fsgid,
    ...extra,
  };
}

/** Whether a name may be made in a directory (may_create). */
function mayMake(task: Task, parent: Location): Answer<Attributes> {
  if (parent.dentry.removed) return ENOENT;
  return chain(parent.dentry.inode.attributes(), (directory): Answer<Attributes> => {
    if (isReadOnly(parent)) return EROFS;
    return checkAccess(task.process, directory, MAY.WRITE | MAY.EXEC) ?? directory;
  });
}

/** Makes a file of a type and mode under a name that is known not to be there. */
export function makeIn(
  task: Task,
  parent: Location,
  name: ByteString,
  mode: number,
  extra: Partial<NewNode> = {},
): Answer<Location> {
  return chain(mayMake(task, parent), (directory) =>
    chain(parent.dentry.inode.make(name, newNode(task, directory, mode, extra)), (inode): Answer<Location> => {
      tellName(task.kernel, IN.CREATE, parent.dentry, name, inode);
      return { mount: parent.mount, dentry: parent.dentry.child(name, inode) };
    }),
  );
}

/** Makes a file without a name in the file system of a directory (O_TMPFILE; vfs_tmpfile). */
export function makeUnnamedIn(task: Task, parent: Location, mode: number): Answer<Location> {
  if (!parent.dentry.isDirectory) return ENOTDIR;
  return chain(mayMake(task, parent), (directory) =>
    chain(parent.dentry.inode.makeUnnamed(newNode(task, directory, S.IFREG | mode, {})), (inode): Answer<Location> => {
      const dentry = new Dentry(parent.dentry, `#${inode.number}` as ByteString, inode);
      dentry.removed = true;
      return { mount: parent.mount, dentry };
    }),
  );
}

/** What mkdir(2), mknod(2), symlink(2) and link(2) check of a name before they make it (filename_create). */
export function mustNotExist(last: Last, directoryWanted: boolean): Answer<0> {
  if (last.kind !== "name") return EEXIST;
  return chain(orAbsent(last.parent.dentry.inode.lookup(last.name)), (found): Answer<0> => {
    if (found !== undefined) return EEXIST;
    return last.slashed && !directoryWanted ? ENOENT : 0;
  });
}
