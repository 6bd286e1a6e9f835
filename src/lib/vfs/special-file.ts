import { ENXIO } from "../../abi/errno.ts";
import { majorOf, S } from "../../abi/stat.ts";
import { ExtensionPoint } from "../../kernel/library.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { chain } from "../posix-fdio/chain.ts";
import type { OpenFile } from "../posix-fdtab/index.ts";
import type { Location } from "./dentry.ts";

/** Who opens what is neither a regular file nor a directory: a device by its number, all of one kind, or all FIFOs. */
export interface SpecialFile {
  /** S.IFCHR, S.IFBLK, S.IFIFO or S.IFSOCK. */
  readonly type: number;
  /** dev_t of the device; absent for FIFOs. */
  readonly rdev?: number;
  /** The major number of devices of one kind, instead of `rdev`. */
  readonly major?: number;
  open(task: Task, location: Location, flags: number): Answer<OpenFile>;
}

export const specialFile = new ExtensionPoint<SpecialFile>("specialFile");

const openers = perKernel(
  (kernel) =>
    new Map(
      kernel
        .extensions(specialFile)
        .map((special) => [keyOf(special.type, special.major === undefined ? (special.rdev ?? 0) : special), special]),
    ),
);

const keyOf = (type: number, device: number | { readonly major?: number }): string =>
  typeof device === "number" ? `${type}:${device}` : `${type}:${device.major}:*`;

/** Opens a device or FIFO; ENXIO where nobody drives it, as Linux answers. */
export function openSpecial(task: Task, location: Location, flags: number): Answer<OpenFile> {
  return chain(location.dentry.inode.attributes(), ({ mode, rdev }) => {
    const type = mode & S.IFMT;
    const device = type === S.IFCHR || type === S.IFBLK;
    const known = task.kernel.get(openers);
    const opener = known.get(keyOf(type, device ? rdev : 0)) ?? known.get(keyOf(type, { major: majorOf(rdev) }));
    return opener === undefined ? ENXIO : opener.open(task, location, flags);
  });
}
