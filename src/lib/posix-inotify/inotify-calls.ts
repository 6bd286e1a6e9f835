/** inotify_init1(2), inotify_add_watch(2) and inotify_rm_watch(2). The order of checks is that of Linux fs/notify/inotify/inotify_user.c. */
import { EEXIST, EINVAL, EMFILE, ENOSPC, ENOTDIR, Errno, type Result } from "../../abi/errno.ts";
import { AT, AT_FDCWD } from "../../abi/fcntl.ts";
import { IN, IN_ALL_EVENTS, IN_INIT, IN_LIMIT, IN_WATCH } from "../../abi/inotify.ts";
import type { Fd } from "../../abi/types.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { chain } from "../posix-fdio/chain.ts";
import { startsOver } from "../posix-fdio/starts-over.ts";
import { fdArg } from "../posix-fdtab/arguments.ts";
import { fileOf, installFd } from "../posix-fdtab/index.ts";
import { credentialsOf } from "../posix-user/index.ts";
import type { Location } from "../vfs/index.ts";
import { locate } from "../vfs/paths.ts";
import { checkAccess, MAY } from "../vfs/permission.ts";
import { InotifyFile, instances } from "./inotify-file.ts";

export const inotifyInit1 = syscall({
  name: "inotify_init1",
  args: [arg.flags(IN_INIT, "IN_")],
  support: "full",
  run({ process, kernel }, flags) {
    if ((flags & ~(IN_INIT.CLOEXEC | IN_INIT.NONBLOCK)) !== 0) return EINVAL;
    const { uid } = credentialsOf(process);
    const own = [...kernel.get(instances)].filter(({ user }) => user === uid);
    if (own.length >= IN_LIMIT.INSTANCES) return EMFILE;
    return installFd(process, new InotifyFile(kernel, flags & IN_INIT.NONBLOCK, uid), flags);
  },
});

/** All bits that mean something; of those of events that are only told, Linux takes some too. */
const KNOWN = Object.values(IN_WATCH).reduce((bits, bit) => bits | bit, IN_ALL_EVENTS | 0x4000_e000);

export const inotifyAddWatch = startsOver({
  name: "inotify_add_watch",
  args: [fdArg, arg.path, arg.flags({ ...IN, ...IN_WATCH }, "IN_")],
  support: {
    partial:
      "not told: changes by the host, transfers of devices and pipes, execve(2), a readv(2) of nothing; a mapping keeps no file open",
  },
  run(task, fd, path, mask) {
    if ((mask & ~KNOWN) !== 0 || (mask & KNOWN) === 0) return EINVAL;
    const file = fileOf(task, fd);
    if (file instanceof Errno) return file;
    if ((mask & IN_WATCH.MASK_ADD) !== 0 && (mask & IN_WATCH.MASK_CREATE) !== 0) return EINVAL;
    if (!(file instanceof InotifyFile)) return EINVAL;
    const flags = (mask & IN_WATCH.DONT_FOLLOW) !== 0 ? AT.SYMLINK_NOFOLLOW : 0;
    return chain(locate(task, AT_FDCWD as Fd, path, flags), (place) => {
      if ((mask & IN_WATCH.ONLYDIR) !== 0 && !place.dentry.isDirectory) return ENOTDIR;
      return chain(place.dentry.inode.attributes(), (attributes) => {
        return checkAccess(task.process, attributes, MAY.READ) ?? watch(task, file, place, mask);
      });
    });
  },
});

/** inotify_update_watch */
function watch({ kernel }: Task, file: InotifyFile, { dentry }: Location, mask: number): Result<number> {
  const known = file.watchOf(dentry.inode);
  if (known !== undefined) {
    if ((mask & IN_WATCH.MASK_CREATE) !== 0) return EEXIST;
    file.adjust(known, mask);
    return known.wd;
  }
  const { user } = file;
  let count = 0;
  for (const other of kernel.get(instances)) if (other.user === user) count += other.watchCount;
  return count >= IN_LIMIT.WATCHES ? ENOSPC : file.add(dentry.inode, mask);
}

export const inotifyRmWatch = syscall({
  name: "inotify_rm_watch",
  args: [fdArg, arg.i32],
  support: "full",
  run(task, fd, wd) {
    const file = fileOf(task, fd);
    if (file instanceof Errno) return file;
    const known = file instanceof InotifyFile ? file.find(wd) : undefined;
    if (known === undefined) return EINVAL;
    known.instance.remove(known);
    return 0;
  },
});
