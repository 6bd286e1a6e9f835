import { cloneFlag } from "../../kernel/clone-flag.ts";
import { executableOpener, onProcessStart } from "../../kernel/hooks.ts";
import { defineLibrary } from "../../kernel/library.ts";
import { posixFdio } from "../posix-fdio/index.ts";
import { posixFdtab } from "../posix-fdtab/index.ts";
import { posixSignal } from "../posix-signal/index.ts";
import { posixUser } from "../posix-user/index.ts";
import { faccessat, faccessat2 } from "./access.ts";
import { chdir, chroot, fchdir, getcwd } from "./cwd.ts";
import { getdents64, mkdirat, mknodat } from "./directory.ts";
import { openExecutable } from "./executable.ts";
import { cloneFs, enterWorkingDirectory } from "./fs-context.ts";
import { linkat, readlinkat, symlinkat, unlinkat } from "./link.ts";
import { fchmod, fchmodat, fchmodat2, fchown, fchownat, umask } from "./mode.ts";
import { openat, openat2 } from "./open.ts";
import { renameat2 } from "./rename.ts";
import { newfstatat, statx } from "./stat.ts";
import { utimensat } from "./times.ts";
import { fstatfs, statfs, sync, syncfs, truncate } from "./volume.ts";
import { xattrCalls } from "./xattr.ts";

/** The tree of names: what paths mean, and the calls that take them. File systems and kinds of files are others'. */
export const vfs = defineLibrary({
  name: "vfs",
  summary: "paths, directories, mounts and permissions: what file systems plug into",
  needs: [posixFdtab, posixFdio, posixSignal, posixUser],
  syscalls: [
    openat,
    openat2,
    newfstatat,
    statx,
    getdents64,
    mkdirat,
    mknodat,
    linkat,
    symlinkat,
    readlinkat,
    unlinkat,
    renameat2,
    fchmod,
    fchmodat,
    fchmodat2,
    fchown,
    fchownat,
    umask,
    faccessat,
    faccessat2,
    utimensat,
    chdir,
    fchdir,
    chroot,
    getcwd,
    truncate,
    statfs,
    fstatfs,
    sync,
    syncfs,
    ...xattrCalls,
  ],
  extends: [executableOpener.with(openExecutable), onProcessStart.with(enterWorkingDirectory), cloneFlag.with(cloneFs)],
});

export { Dentry, type Location, Mount, pathOf } from "./dentry.ts";
export { type FileEvent, type FileWatcher, fileWatcher } from "./file-events.ts";
export { flushInode } from "./file-views.ts";
export { type FsContext, fsContext, shownPath } from "./fs-context.ts";
export { type DirectoryEntry, type FileSystem, Inode, type NewNode } from "./inode.ts";
export { LocatedFile, MAX_FILE_SIZE, mappableOf, RegularFile } from "./located-file.ts";
export { anonymousDevice, type BootMount, bootMount, bootMounts, Namespace, namespace } from "./namespace.ts";
export { openFile as openByRequest } from "./open.ts";
export { lenient as parseOpenFlags } from "./open-flags.ts";
export { type SpecialFile, specialFile } from "./special-file.ts";
export { Walk } from "./walk.ts";
