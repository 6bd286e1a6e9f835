/**
 * Extended attributes, as a file system without them answers: EOPNOTSUPP to whoever sets or gets one, and an empty list
 * (fs/xattr.c).
 */
import { E2BIG, EINVAL, EOPNOTSUPP, ERANGE, Errno, type Result } from "../../abi/errno.ts";
import { AT, AT_FDCWD, XATTR } from "../../abi/fcntl.ts";
import { XATTR_NAME_MAX, XATTR_SIZE_MAX } from "../../abi/limits.ts";
import type { Fd, GuestPtr } from "../../abi/types.ts";
import { arg, type SyscallDefinition } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { chain } from "../posix-fdio/chain.ts";
import { startsOver } from "../posix-fdio/starts-over.ts";
import { fdArg } from "../posix-fdtab/arguments.ts";
import { anyFileOf, fileOf } from "../posix-fdtab/index.ts";
import { locate } from "./paths.ts";

const support = { partial: "as on a file system without extended attributes" } as const;
const noAnswer = arg.ptr<"bytes">();
const flagsArg = arg.flags(XATTR, "XATTR_");
const here = AT_FDCWD as Fd;

/** Reads an attribute's name: too long or empty is ERANGE. */
function nameAt(task: Task, at: GuestPtr): Result<string> {
  const name = task.mm.readCString(at, XATTR_NAME_MAX + 1);
  if (name instanceof Errno && name.name === "ENAMETOOLONG") return ERANGE;
  return name === "" ? ERANGE : name;
}

/** setxattr_copy: all that is given is read before the file is looked for. */
function checkSet(task: Task, name: GuestPtr, value: GuestPtr, size: number, flags: number): Errno | undefined {
  if (flags & ~(XATTR.CREATE | XATTR.REPLACE)) return EINVAL;
  const known = nameAt(task, name);
  if (known instanceof Errno) return known;
  if (size > XATTR_SIZE_MAX) return E2BIG;
  const bytes = size === 0 ? undefined : task.mm.read(value, size);
  return bytes instanceof Errno ? bytes : undefined;
}

function byPath(name: "setxattr" | "lsetxattr", flags: number): SyscallDefinition {
  return startsOver({
    name,
    args: [arg.path, arg.path, arg.input(3), arg.u64, flagsArg],
    support,
    run: (task, path, key, value, size, how) =>
      checkSet(task, key, value, size, how) ?? chain(locate(task, here, path, flags), () => EOPNOTSUPP),
  });
}

function getByPath(name: "getxattr" | "lgetxattr", flags: number): SyscallDefinition {
  return startsOver({
    name,
    args: [arg.path, arg.path, noAnswer, arg.u64],
    support,
    run(task, path, key) {
      const known = nameAt(task, key);
      return known instanceof Errno ? known : chain(locate(task, here, path, flags), () => EOPNOTSUPP);
    },
  });
}

function listByPath(name: "listxattr" | "llistxattr", flags: number): SyscallDefinition {
  return startsOver({
    name,
    args: [arg.path, noAnswer, arg.u64],
    support,
    run: (task, path) => chain(locate(task, here, path, flags), () => 0),
  });
}

function removeByPath(name: "removexattr" | "lremovexattr", flags: number): SyscallDefinition {
  return startsOver({
    name,
    args: [arg.path, arg.path],
    support,
    run(task, path, key) {
      const known = nameAt(task, key);
      return known instanceof Errno ? known : chain(locate(task, here, path, flags), () => EOPNOTSUPP);
    },
  });
}

const fsetxattr = startsOver({
  name: "fsetxattr",
  args: [fdArg, arg.path, arg.input(3), arg.u64, flagsArg],
  support,
  run(task, fd, key, value, size, how) {
    const file = fileOf(task, fd);
    return file instanceof Errno ? file : (checkSet(task, key, value, size, how) ?? EOPNOTSUPP);
  },
});

const fgetxattr = startsOver({
  name: "fgetxattr",
  args: [fdArg, arg.path, noAnswer, arg.u64],
  support,
  run(task, fd, key) {
    const file = fileOf(task, fd);
    if (file instanceof Errno) return file;
    const known = nameAt(task, key);
    return known instanceof Errno ? known : EOPNOTSUPP;
  },
});

const flistxattr = startsOver({
  name: "flistxattr",
  args: [fdArg, noAnswer, arg.u64],
  support,
  run(task, fd) {
    const file = anyFileOf(task, fd);
    return file instanceof Errno ? file : 0;
  },
});

const fremovexattr = startsOver({
  name: "fremovexattr",
  args: [fdArg, arg.path],
  support,
  run(task, fd, key) {
    const file = fileOf(task, fd);
    if (file instanceof Errno) return file;
    const known = nameAt(task, key);
    return known instanceof Errno ? known : EOPNOTSUPP;
  },
});

export const xattrCalls: readonly SyscallDefinition[] = [
  byPath("setxattr", 0),
  byPath("lsetxattr", AT.SYMLINK_NOFOLLOW),
  fsetxattr,
  getByPath("getxattr", 0),
  getByPath("lgetxattr", AT.SYMLINK_NOFOLLOW),
  fgetxattr,
  listByPath("listxattr", 0),
  listByPath("llistxattr", AT.SYMLINK_NOFOLLOW),
  flistxattr,
  removeByPath("removexattr", 0),
  removeByPath("lremovexattr", AT.SYMLINK_NOFOLLOW),
  fremovexattr,
];
