import { ENXIO } from "../../abi/errno.ts";
import { S } from "../../abi/stat.ts";
import { ExtensionPoint } from "../../kernel/library.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { chain } from "../posix-fdio/chain.ts";
import type { OpenFile } from "../posix-fdtab/index.ts";
import type { Location } from "./dentry.ts";

/** Who opens what is neither a regular file nor a directory: a device by its number, or all FIFOs. */
export interface SpecialFile {
  /** S.IFCHR, S.IFBLK, S.IFIFO or S.IFSOCK. */
  readonly type: number;
  /** dev_t of the device; absent for FIFOs. */
  readonly rdev?: number;
  open(task: Task, location: Location, flags: number): Answer<OpenFile>;
}

export const specialFile = new ExtensionPoint<SpecialFile>("specialFile");

const openers = perKernel(
  (kernel) =>
    new Map(kernel.extensions(specialFile).map((special) => [keyOf(special.type, special.rdev ?? 0), special])),
);

const keyOf = (type: number, rdev: number): string => `${type}:${rdev}`;

/** Opens a device or FIFO; ENXIO where nobody drives it, as Linux answers. */
export function openSpecial(task: Task, location: Location, flags: number): Answer<OpenFile> {
  return chain(location.dentry.inode.attributes(), ({ mode, rdev }) => {
    const type = mode & S.IFMT;
    const device = type === S.IFCHR || type === S.IFBLK;
    const opener = task.kernel.get(openers).get(keyOf(type, device ? rdev : 0));
    return opener === undefined ? ENXIO : opener.open(task, location, flags);
  });
}
