/** getdents64(2), mkdirat(2), mknodat(2). */

import { CAP } from "../../abi/capability.ts";
import { EINVAL, ENOENT, ENOTDIR, EPERM, Errno } from "../../abi/errno.ts";
import { IN } from "../../abi/inotify.ts";
import { DIRENT_NAME, direntLayout } from "../../abi/riscv64/stat.ts";
import { directoryType, S } from "../../abi/stat.ts";
import type { Fd, GuestPtr } from "../../abi/types.ts";
import type { ByteString } from "../../base/bytes.ts";
import { roundUp } from "../../base/struct.ts";
import { type Arg, arg } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { chain } from "../posix-fdio/chain.ts";
import { startsOver } from "../posix-fdio/starts-over.ts";
import { formatDevice, formatMode } from "../posix-fdio/stat-format.ts";
import { dirFdArg, fdArg, hex, modeArg } from "../posix-fdtab/arguments.ts";
import { fileOf } from "../posix-fdtab/index.ts";
import { hasCapability } from "../posix-user/index.ts";
import { tellFile } from "./file-events.ts";
import type { DirectoryEntry } from "./inode.ts";
import { DirectoryFile } from "./located-file.ts";
import { makeIn, mustNotExist } from "./make.ts";
import { locateLast } from "./paths.ts";

const entriesArg: Arg<GuestPtr> = {
  decode: "u64",
  format: (v, { result }) => hex(v) + (result === 0 ? " /* 0 entries */" : ""),
  output: true,
};

export const getdents64 = startsOver({
  name: "getdents64",
  args: [fdArg, entriesArg, arg.i32],
  support: "full",
  run(task, fd, at, size) {
    const file = fileOf(task, fd);
    if (file instanceof Errno) return file;
    if (!(file instanceof DirectoryFile)) return ENOTDIR;
    if (file.location.dentry.removed) return ENOENT;
    return chain(snapshot(file), (entries) => {
      tellFile(task.kernel, IN.ACCESS, file.location);
      return fill(task, file, entries, at, size);
    });
  },
});

/** The entries as they were when the reading began, "." and ".." first. */
function snapshot(file: DirectoryFile): Answer<readonly DirectoryEntry[]> {
  if (file.entries !== undefined) return file.entries;
  return chain(file.inode.list(), (listed) => {
    const { dentry } = file.location;
    const dots = [
      { name: "." as ByteString, inode: dentry.inode.number, type: S.IFDIR },
      { name: ".." as ByteString, inode: dentry.parent.inode.number, type: S.IFDIR },
    ];
    file.entries = [...dots, ...listed];
    return file.entries;
  });
}

/** Writes as many entries as fit, and moves the directory's position behind them (filldir64 in fs/readdir.c). */
function fill(task: Task, file: DirectoryFile, entries: readonly DirectoryEntry[], at: GuestPtr, size: number): Answer {
  let used = 0;
  for (let next = entries[file.position]; next !== undefined; next = entries[file.position]) {
    const length = roundUp(DIRENT_NAME + next.name.length + 1, 8);
    if (used + length > size) return used === 0 ? EINVAL : used;
    const written = task.mm.write((at + used) as GuestPtr, encode(next, file.position + 1, length));
    if (written instanceof Errno) return used === 0 ? written : used;
    used += length;
    file.position++;
  }
  return used;
}

function encode({ name, inode, type }: DirectoryEntry, off: number, reclen: number): Uint8Array {
  const bytes = new Uint8Array(reclen);
  direntLayout.write(new DataView(bytes.buffer), 0, { ino: inode, off, reclen, type: directoryType(type) });
  for (let i = 0; i < name.length; i++) bytes[DIRENT_NAME + i] = name.charCodeAt(i);
  return bytes;
}

export const mkdirat = startsOver({
  name: "mkdirat",
  args: [dirFdArg, arg.path, modeArg],
  support: "full",
  run: (task, dirFd, path, mode) => make(task, dirFd, path, S.IFDIR | (mode & (S.RWX | S.ISVTX)), 0),
});

const nodeModeArg: Arg<number> = { decode: modeArg.decode, format: formatMode };
const deviceArg: Arg<number> = {
  decode: "u32",
  format: (v, { args }) => (isDevice(Number(args[2])) ? formatDevice(v) : ""),
};

function isDevice(mode: number): boolean {
  const type = mode & S.IFMT;
  return type === S.IFCHR || type === S.IFBLK;
}

// Order of checks: do_mknodat() in fs/namei.c.
export const mknodat = startsOver({
  name: "mknodat",
  args: [dirFdArg, arg.path, nodeModeArg, deviceArg],
  support: "full",
  run(task, dirFd, path, mode, device) {
    const type = mode & S.IFMT;
    if (type === S.IFDIR) return EPERM;
    if (type === S.IFLNK || !KINDS.has(type)) return EINVAL;
    if (isDevice(mode) && !hasCapability(task.process, CAP.MKNOD)) return EPERM;
    return make(task, dirFd, path, (type === 0 ? S.IFREG : type) | (mode & S.ALL), isDevice(mode) ? device : 0);
  },
});

const KINDS: ReadonlySet<number> = new Set([0, S.IFREG, S.IFCHR, S.IFBLK, S.IFIFO, S.IFSOCK]);

function make(task: Task, dirFd: Fd, path: GuestPtr<"char">, mode: number, rdev: number): Answer {
  const directory = (mode & S.IFMT) === S.IFDIR;
  return chain(locateLast(task, dirFd, path), (last) =>
    chain(mustNotExist(last, directory), () => chain(makeIn(task, last.parent, last.name, mode, { rdev }), () => 0)),
  );
}
