/** faccessat(2) and faccessat2(2): may the caller's real user do this? Order of checks: do_faccessat() in fs/open.c. */
import { EINVAL, EROFS } from "../../abi/errno.ts";
import { ACCESS_OK, AT } from "../../abi/fcntl.ts";
import { S } from "../../abi/stat.ts";
import type { Fd, GuestPtr } from "../../abi/types.ts";
import { type Arg, arg, formatFlags } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { chain } from "../posix-fdio/chain.ts";
import { startsOver } from "../posix-fdio/starts-over.ts";
import { atFlagsArg, dirFdArg } from "../posix-fdtab/arguments.ts";
import { type Credentials, credentialsOf } from "../posix-user/index.ts";
import { isReadOnly } from "./make.ts";
import { attributesAt, isPathless, locate } from "./paths.ts";
import { accessFor, MAY } from "./permission.ts";

const accessArg: Arg<number> = {
  decode: "i32",
  format: (v) =>
    v === 0
      ? "F_OK"
      : formatFlags(v, { R: ACCESS_OK.R, W: ACCESS_OK.W, X: ACCESS_OK.X }, "").replace(/[RWX]/g, "$&_OK"),
};

export const faccessat = startsOver({
  name: "faccessat",
  args: [dirFdArg, arg.path, accessArg],
  support: "full",
  run: (task, dirFd, path, mode) => access(task, dirFd, path, mode, 0),
});

export const faccessat2 = startsOver({
  name: "faccessat2",
  args: [dirFdArg, arg.path, accessArg, atFlagsArg(["EACCESS", "SYMLINK_NOFOLLOW", "EMPTY_PATH"])],
  support: "full",
  run: access,
});

function access(task: Task, dirFd: Fd, path: GuestPtr<"char">, mode: number, flags: number): Answer {
  if (mode & ~(ACCESS_OK.R | ACCESS_OK.W | ACCESS_OK.X)) return EINVAL;
  if (flags & ~(AT.EACCESS | AT.SYMLINK_NOFOLLOW | AT.EMPTY_PATH)) return EINVAL;
  const who = flags & AT.EACCESS ? credentialsOf(task.process) : realCredentials(credentialsOf(task.process));
  if (flags & AT.EMPTY_PATH && isPathless(task, dirFd, path))
    return chain(attributesAt(task, dirFd, path, flags), (attributes): Answer => accessFor(who, attributes, mode) ?? 0);
  return chain(locate(task, dirFd, path, flags), (place) =>
    chain(place.dentry.inode.attributes(), (attributes): Answer => {
      const refused = accessFor(who, attributes, mode);
      if (refused !== undefined) return refused;
      const stored = STORED.has(attributes.mode & S.IFMT);
      return mode & MAY.WRITE && stored && isReadOnly(place) ? EROFS : 0;
    }),
  );
}

const STORED: ReadonlySet<number> = new Set([S.IFREG, S.IFDIR, S.IFLNK]);

/** The real ids judged as if they were the effective ones; real root has what it is permitted (access_override_creds). */
function realCredentials(who: Credentials): Pick<Credentials, "fsuid" | "fsgid" | "groups" | "effective"> {
  return { fsuid: who.uid, fsgid: who.gid, groups: who.groups, effective: who.uid === 0 ? who.permitted : 0n };
}
