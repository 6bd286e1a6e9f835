/** Opens programs for execve(2): do_open_execat() in fs/exec.c. */
import { EACCES, Errno } from "../../abi/errno.ts";
import { S } from "../../abi/stat.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { ExecutableFile } from "../../kernel/hooks.ts";
import type { Process } from "../../kernel/process.ts";
import type { Answer } from "../../kernel/wait.ts";
import { chain } from "../posix-fdio/chain.ts";
import { fsContext, shownPath } from "./fs-context.ts";
import { mappableOf } from "./located-file.ts";
import { checkAccess, MAY } from "./permission.ts";
import { Walk } from "./walk.ts";

export function openExecutable(process: Process, path: ByteString): Answer<ExecutableFile> {
  const { root, cwd } = process.get(fsContext);
  return chain(new Walk(process, root, cwd, path).run(), (place) => {
    const { inode } = place.dentry;
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
