/** Calls on file systems and on files' sizes by path: statfs(2), sync(2), truncate(2). */

import { EINVAL, EISDIR, EROFS, Errno } from "../../abi/errno.ts";
import { AT_FDCWD } from "../../abi/fcntl.ts";
import { IN } from "../../abi/inotify.ts";
import { type Statfs, statfsLayout } from "../../abi/riscv64/stat.ts";
import { FS_MAGIC, S } from "../../abi/stat.ts";
import type { Fd, GuestPtr } from "../../abi/types.ts";
import { formatFields, structOut } from "../../kernel/struct-arg.ts";
import { arg } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { chain } from "../posix-fdio/chain.ts";
import { startsOver } from "../posix-fdio/starts-over.ts";
import { fdArg } from "../posix-fdtab/arguments.ts";
import { anyFileOf, fileOf } from "../posix-fdtab/index.ts";
import { tellFile } from "./file-events.ts";
import type { FileSystem } from "./inode.ts";
import { LocatedFile, truncateInode } from "./located-file.ts";
import { isReadOnly } from "./make.ts";
import { namespace } from "./namespace.ts";
import { locate } from "./paths.ts";
import { checkAccess, MAY } from "./permission.ts";

const statfsArg = structOut(statfsLayout, (fs) => {
  const magic = Object.entries(FS_MAGIC).find(([, value]) => value === fs.type)?.[0];
  const type = magic === undefined ? `0x${fs.type.toString(16)}` : `${magic}_MAGIC`;
  const { bsize, blocks, bfree } = fs;
  return formatFields({ f_type: type, f_bsize: bsize, f_blocks: blocks, f_bfree: bfree }).replace(/}$/, ", ...}");
});

export const statfs = startsOver({
  name: "statfs",
  args: [arg.path, statfsArg],
  support: "full",
  run: (task, path, into) =>
    chain(locate(task, AT_FDCWD as Fd, path), ({ mount }) => writeStatfs(task, into, mount.fs.statfs())),
});

export const fstatfs = startsOver({
  name: "fstatfs",
  args: [fdArg, statfsArg],
  support: "full",
  run(task, fd, into) {
    const file = anyFileOf(task, fd);
    return file instanceof Errno ? file : writeStatfs(task, into, file.statfs());
  },
});

function writeStatfs(task: Task, into: GuestPtr, statfs: Answer<Statfs>): Answer {
  return chain(statfs, (value) => task.mm.writeStruct(into as GuestPtr<Statfs>, statfsLayout, value));
}

export const sync = startsOver({
  name: "sync",
  args: [],
  support: "full",
  run: ({ kernel }) => syncAll(kernel.get(namespace).mounts.map(({ fs }) => fs)),
});

/** Errors are nobody's: sync(2) always succeeds. */
function syncAll([first, ...others]: readonly FileSystem[]): Answer {
  if (first === undefined) return 0;
  const answer = first.sync();
  return answer instanceof Errno ? syncAll(others) : chain(answer, () => syncAll(others));
}

export const syncfs = startsOver({
  name: "syncfs",
  args: [fdArg],
  support: "full",
  run(task, fd) {
    const file = fileOf(task, fd);
    if (file instanceof Errno) return file;
    return file instanceof LocatedFile ? file.location.mount.fs.sync() : 0;
  },
});

// Order of checks: vfs_truncate() in fs/open.c.
export const truncate = startsOver({
  name: "truncate",
  args: [arg.path, arg.i64],
  support: "full",
  run(task, path, size) {
    if (size < 0) return EINVAL;
    return chain(locate(task, AT_FDCWD as Fd, path), (place) => {
      const { inode } = place.dentry;
      if (inode.type === S.IFDIR) return EISDIR;
      if (inode.type !== S.IFREG) return EINVAL;
      return chain(inode.attributes(), (attributes) => {
        if (isReadOnly(place)) return EROFS;
        const refused = checkAccess(task.process, attributes, MAY.WRITE);
        return chain(refused ?? truncateInode(task, inode, size), () => {
          tellFile(task.kernel, IN.MODIFY, place);
          return 0;
        });
      });
    });
  },
});
