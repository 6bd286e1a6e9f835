/** Opens programs for execve(2): do_open_execat() in fs/exec.c. */
import { EACCES, ELOOP, Errno } from "../../abi/errno.ts";
import { AT, AT_FDCWD } from "../../abi/fcntl.ts";
import { S } from "../../abi/stat.ts";
import type { Fd } from "../../abi/types.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { ExecAt, ExecutableFile } from "../../kernel/hooks.ts";
import type { Process } from "../../kernel/process.ts";
import type { Answer } from "../../kernel/wait.ts";
import { chain } from "../posix-fdio/chain.ts";
import { anyFileOf } from "../posix-fdtab/index.ts";
import { shownPath } from "./fs-context.ts";
import { LocatedFile, mappableOf } from "./located-file.ts";
import { walkFrom } from "./paths.ts";
import { checkAccess, MAY } from "./permission.ts";

export function openExecutable(process: Process, path: ByteString, at?: ExecAt): Answer<ExecutableFile> {
  const { dirFd, flags } = at ?? { dirFd: AT_FDCWD, flags: 0 };
  const itself = path === "" && dirFd !== AT_FDCWD ? anyFileOf({ process }, dirFd) : undefined;
  if (itself instanceof Errno) return itself;
  if (itself !== undefined && !(itself instanceof LocatedFile)) return EACCES;
  const follow = (flags & AT.SYMLINK_NOFOLLOW) === 0;
  const walk = walkFrom({ process }, dirFd as Fd, path, { follow });
  if (walk instanceof Errno) return walk;
  return chain(walk.run(), (place) => {
    const { inode } = place.dentry;
    if (inode.type === S.IFLNK) return ELOOP;
    if (inode.type !== S.IFREG) return EACCES;
    return chain(inode.attributes(), (attributes): Answer<ExecutableFile> => {
      const refused = checkAccess(process, attributes, MAY.EXEC);
      if (refused !== undefined) return refused;
      const shown = shownPath(process, place);
      const mappable = mappableOf(inode, shown, false);
      if (mappable instanceof Errno) return mappable;
      return { path: shown, size: attributes.size, read: mappable.read, mappable };
    });
  });
}
