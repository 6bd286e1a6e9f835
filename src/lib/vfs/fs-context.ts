import { CLONE } from "../../abi/clone.ts";
import { ENOENT, ENOTDIR, Errno } from "../../abi/errno.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { CloneFlag } from "../../kernel/clone-flag.ts";
import type { Program } from "../../kernel/kernel.ts";
import { LoadError } from "../../kernel/loader/load-error.ts";
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

/** CLONE_FS between processes; threads of one share it anyway. */
export const cloneFs: CloneFlag = {
  flag: CLONE.FS,
  apply(child, parent) {
    if (child.process !== parent.process) child.process.shareSlot(fsContext, parent.process);
    return 0;
  },
  unshare: ({ process }) => process.unshareSlot(fsContext),
};

/** Gives a process that is about to start the working directory that was asked for (`-w`). */
export function enterWorkingDirectory(process: Process, { cwd }: Program): LoadError | undefined {
  if (cwd === undefined) return undefined;
  const context = process.get(fsContext);
  const found = new Walk(process, context.root, context.root, cwd).run();
  const refusal = isBlocking(found) ? ENOENT : found instanceof Errno ? found : found.dentry.isDirectory ? 0 : ENOTDIR;
  if (refusal !== 0) {
    return new LoadError(refusal, `cannot start in ${cwd}: ${refusal.text}`, "Name a directory of the guest's files.");
  }
  context.cwd = found as Location;
  return undefined;
}

/** The path of a place as a process sees it; " (deleted)" behind it once the name is gone, as Linux's d_path shows it. */
export function shownPath(process: Process, location: Location): ByteString {
  const { root } = process.get(fsContext);
  const path = pathOf(location, root) ?? pathOf(location, process.kernel.get(namespace).root.location) ?? "/";
  return (location.dentry.removed ? `${path} (deleted)` : path) as ByteString;
}
