import type { statLayout } from "../../abi/riscv64/stat.ts";
import { majorOf, minorOf, S } from "../../abi/stat.ts";
import type { StructOf } from "../../base/struct.ts";
import { formatFields } from "../../kernel/struct-arg.ts";
import type { Attributes } from "../posix-fdtab/index.ts";

type Stat = StructOf<typeof statLayout>;

/** Lays attributes out as struct stat (cp_new_stat in fs/stat.c). */
export function toStat(of: Attributes): Stat {
  return {
    dev: of.device,
    ino: of.inode,
    mode: of.mode,
    nlink: of.links,
    uid: of.uid,
    gid: of.gid,
    rdev: of.rdev,
    pad1: 0,
    size: of.size,
    blksize: of.blockSize,
    pad2: 0,
    blocks: of.blocks,
    atime: of.atime,
    mtime: of.mtime,
    ctime: of.ctime,
    unused: [0, 0],
  };
}

/** Prints struct stat as strace(1) abbreviates it. */
export function formatStat({ mode, size, rdev }: Stat): string {
  const type = mode & S.IFMT;
  const device = type === S.IFCHR || type === S.IFBLK;
  const what = device ? { st_rdev: formatDevice(rdev) } : { st_size: size };
  return `${formatFields({ st_mode: formatMode(mode), ...what }).slice(0, -1)}, ...}`;
}

export function formatDevice(device: number): string {
  const part = (value: number) => (value === 0 ? "0" : `0x${value.toString(16)}`);
  return `makedev(${part(majorOf(device))}, ${part(minorOf(device))})`;
}

const TYPES = ["IFSOCK", "IFLNK", "IFREG", "IFBLK", "IFDIR", "IFCHR", "IFIFO"] as const;
const SPECIAL = ["ISUID", "ISGID", "ISVTX"] as const;

/** A file's mode: `S_IFREG|0644`. */
export function formatMode(mode: number): string {
  const names: string[] = TYPES.filter((name) => S[name] === (mode & S.IFMT)).map((name) => `S_${name}`);
  for (const name of SPECIAL) if (mode & S[name]) names.push(`S_${name}`);
  return [...names, `0${(mode & S.RWX).toString(8).padStart(3, "0")}`].join("|");
}
