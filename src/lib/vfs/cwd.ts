/** chdir(2), fchdir(2), chroot(2), getcwd(2). */
import { CAP } from "../../abi/capability.ts";
import { ENAMETOOLONG, ENOENT, ENOTDIR, EPERM, ERANGE, Errno } from "../../abi/errno.ts";
import { AT_FDCWD } from "../../abi/fcntl.ts";
import { PATH_MAX } from "../../abi/limits.ts";
import type { Fd } from "../../abi/types.ts";
import { type ByteString, bytesOf } from "../../base/bytes.ts";
import { arg } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { chain } from "../posix-fdio/chain.ts";
import { startsOver } from "../posix-fdio/starts-over.ts";
import { fdArg } from "../posix-fdtab/arguments.ts";
import { anyFileOf } from "../posix-fdtab/index.ts";
import { hasCapability } from "../posix-user/index.ts";
import { type Location, pathOf } from "./dentry.ts";
import { fsContext } from "./fs-context.ts";
import { LocatedFile } from "./located-file.ts";
import { locate } from "./paths.ts";
import { checkAccess, MAY } from "./permission.ts";

/** A directory that the process may search. */
function searchable(task: Task, place: Location): Answer<Location> {
  if (!place.dentry.isDirectory) return ENOTDIR;
  return chain(place.dentry.inode.attributes(), (attributes): Answer<Location> => {
    return checkAccess(task.process, attributes, MAY.EXEC) ?? place;
  });
}

export const chdir = startsOver({
  name: "chdir",
  args: [arg.path],
  support: "full",
  run: (task, path) =>
    chain(locate(task, AT_FDCWD as Fd, path), (found) =>
      chain(searchable(task, found), (place) => {
        task.process.get(fsContext).cwd = place;
        return 0;
      }),
    ),
});

export const fchdir = startsOver({
  name: "fchdir",
  args: [fdArg],
  support: "full",
  run(task, fd) {
    const file = anyFileOf(task, fd);
    if (file instanceof Errno) return file;
    if (!(file instanceof LocatedFile)) return ENOTDIR;
    return chain(searchable(task, file.location), (place) => {
      task.process.get(fsContext).cwd = place;
      return 0;
    });
  },
});

export const chroot = startsOver({
  name: "chroot",
  args: [arg.path],
  support: "full",
  run: (task, path) =>
    chain(locate(task, AT_FDCWD as Fd, path), (found) =>
      chain(searchable(task, found), (place) => {
        if (!hasCapability(task.process, CAP.SYS_CHROOT)) return EPERM;
        task.process.get(fsContext).root = place;
        return 0;
      }),
    ),
});

// The result counts the NUL. Order of checks: fs/d_path.c.
export const getcwd = startsOver({
  name: "getcwd",
  args: [arg.output, arg.u64],
  support: "full",
  run(task, into, size) {
    const { cwd, root } = task.process.get(fsContext);
    if (cwd.dentry.removed) return ENOENT;
    const path = pathOf(cwd, root) ?? (`(unreachable)${pathOf(cwd, rootOf(cwd)) ?? "/"}` as ByteString);
    if (path.length + 1 > PATH_MAX) return ENAMETOOLONG;
    if (path.length + 1 > size) return ERANGE;
    const bytes = new Uint8Array(path.length + 1);
    bytes.set(bytesOf(path));
    const written = task.mm.write(into, bytes);
    return written instanceof Errno ? written : bytes.length;
  },
});

/** The root of all that a place is in. */
function rootOf(place: Location): Location {
  let { mount } = place;
  while (mount.over !== undefined) mount = mount.over.mount;
  return mount.location;
}
