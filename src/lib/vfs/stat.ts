/** newfstatat(2) and statx(2). Order of checks: vfs_statx() in fs/stat.c. */
import { EINVAL } from "../../abi/errno.ts";
import { AT } from "../../abi/fcntl.ts";
import { statLayout, statxLayout } from "../../abi/riscv64/stat.ts";
import { majorOf, minorOf, STATX } from "../../abi/stat.ts";
import type { Timespec } from "../../abi/types.ts";
import type { StructOf } from "../../base/struct.ts";
import { formatFields, structOut } from "../../kernel/struct-arg.ts";
import { arg } from "../../kernel/syscall.ts";
import { chain } from "../posix-fdio/chain.ts";
import { startsOver } from "../posix-fdio/starts-over.ts";
import { formatMode, formatStat, toStat } from "../posix-fdio/stat-format.ts";
import { atFlagsArg, dirFdArg } from "../posix-fdtab/arguments.ts";
import type { Attributes } from "../posix-fdtab/index.ts";
import { attributesAt } from "./paths.ts";

// Attributes are always exact, so that the kinds of synchronization make no difference.
const KNOWN = AT.SYMLINK_NOFOLLOW | AT.NO_AUTOMOUNT | AT.EMPTY_PATH | AT.STATX_SYNC_TYPE;
const statFlags = atFlagsArg(["SYMLINK_NOFOLLOW", "NO_AUTOMOUNT", "EMPTY_PATH", "STATX_FORCE_SYNC", "STATX_DONT_SYNC"]);

export const newfstatat = startsOver({
  name: "newfstatat",
  args: [dirFdArg, arg.path, structOut(statLayout, formatStat), statFlags],
  support: "full",
  run(task, dirFd, path, into, flags) {
    if (flags & ~KNOWN) return EINVAL;
    return chain(attributesAt(task, dirFd, path, flags), (attributes) =>
      task.mm.writeStruct(into, statLayout, toStat(attributes)),
    );
  },
});

type Statx = StructOf<typeof statxLayout>;

const statxArg = structOut(statxLayout, ({ mode, size }) =>
  formatFields({ stx_mode: formatMode(mode), stx_size: size }).replace(/}$/, ", ...}"),
);

export const statx = startsOver({
  name: "statx",
  args: [dirFdArg, arg.path, statFlags, arg.flags(STATX, "STATX_"), statxArg],
  support: { partial: "no mount ids" },
  run(task, dirFd, path, flags, mask, into) {
    if (mask & STATX.RESERVED) return EINVAL;
    if ((flags & AT.STATX_SYNC_TYPE) === AT.STATX_SYNC_TYPE) return EINVAL;
    if (flags & ~KNOWN) return EINVAL;
    return chain(attributesAt(task, dirFd, path, flags), (attributes) =>
      task.mm.writeStruct(into, statxLayout, toStatx(attributes)),
    );
  },
});

/** All that is known is filled in, whatever the mask asked for, as Linux does. */
function toStatx(of: Attributes): Statx {
  return {
    mask: STATX.BASIC_STATS | (of.btime === undefined ? 0 : STATX.BTIME),
    blksize: of.blockSize,
    attributes: 0,
    nlink: of.links,
    uid: of.uid,
    gid: of.gid,
    mode: of.mode,
    pad: 0,
    ino: of.inode,
    size: of.size,
    blocks: of.blocks,
    attributesMask: 0,
    atime: statxTime(of.atime),
    btime: statxTime(of.btime ?? { seconds: 0, nanoseconds: 0 }),
    ctime: statxTime(of.ctime),
    mtime: statxTime(of.mtime),
    rdevMajor: majorOf(of.rdev),
    rdevMinor: minorOf(of.rdev),
    devMajor: majorOf(of.device),
    devMinor: minorOf(of.device),
    mountId: 0,
    rest: new Array<number>(13).fill(0),
  };
}

function statxTime({ seconds, nanoseconds }: Timespec) {
  return { seconds, nanoseconds, reserved: 0 };
}
