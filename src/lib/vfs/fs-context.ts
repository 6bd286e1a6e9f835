import { ENOENT, ENOTDIR, Errno, type Result } from "../../abi/errno.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { Process } from "../../kernel/process.ts";
import { perProcess } from "../../kernel/slot-kinds.ts";
import { isBlocking } from "../../kernel/wait.ts";
import { crossMounts, type Location, pathOf } from "./dentry.ts";
import { namespace } from "./namespace.ts";
import { Walk } from "./walk.ts";

/** Where a process is in the tree, and what it does not want others to do with its new files (struct fs_struct). */
export interface FsContext {
  root: Location;
  cwd: Location;
  umask: number;
}

export const fsContext = perProcess<FsContext>({
  create({ kernel }) {
    const root = crossMounts(kernel.get(namespace).root.location);
    return { root, cwd: root, umask: 0o022 };
  },
  fork: (parent) => ({ ...parent }),
});

/** Sets the working directory of a process that has not run yet (`-w`): ENOENT or ENOTDIR if it cannot be. */
export function setWorkingDirectory(process: Process, path: ByteString): Result<0> {
  const context = process.get(fsContext);
  const found = new Walk(process, context.root, context.root, path).run();
  if (isBlocking(found)) return ENOENT;
  if (found instanceof Errno) return found;
  if (!found.dentry.isDirectory) return ENOTDIR;
  context.cwd = found;
  return 0;
}

/** The path of a place as a process sees it; " (deleted)" behind it once the name is gone, as Linux's d_path shows it. */
export function shownPath(process: Process, location: Location): ByteString {
  const { root } = process.get(fsContext);
  const path = pathOf(location, root) ?? pathOf(location, process.kernel.get(namespace).root.location) ?? "/";
  return (location.dentry.removed ? `${path} (deleted)` : path) as ByteString;
}
