import { CLONE } from "../../abi/clone.ts";
import { EBADF, EMFILE, Errno, type Result } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import { RLIMIT } from "../../abi/resource.ts";
import type { Fd } from "../../abi/types.ts";
import type { CloneFlag } from "../../kernel/clone-flag.ts";
import { resourceLimit } from "../../kernel/hooks.ts";
import { ExtensionPoint } from "../../kernel/library.ts";
import type { Process } from "../../kernel/process.ts";
import { perProcess } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import type { OpenFile } from "./open-file.ts";

/** One entry: which open file, and whether execve(2) closes it. */
export interface Descriptor {
  readonly file: OpenFile;
  closeOnExec: boolean;
}

/** The descriptors of a process. */
export class FdTable {
  private readonly entries: (Descriptor | undefined)[] = [];
  /** No free entry lies below. */
  private firstFree = 0;

  get(fd: number): Descriptor | undefined {
    return this.entries[fd];
  }

  /** Puts a file at the lowest free number that is at least `from` and below `limit`. */
  install(file: OpenFile, closeOnExec: boolean, limit: number, from = 0): Result<Fd> {
    let fd = Math.max(from, this.firstFree);
    while (this.entries[fd] !== undefined) fd++;
    if (fd >= limit) return EMFILE;
    if (from <= this.firstFree) this.firstFree = fd + 1;
    this.entries[fd] = { file: file.hold(), closeOnExec };
    return fd as Fd;
  }

  /** Whether no number below `limit` is free. */
  isFull(limit: number): boolean {
    let fd = this.firstFree;
    while (this.entries[fd] !== undefined) fd++;
    this.firstFree = fd;
    return fd >= limit;
  }

  /** Puts a file at a number; what was there is taken out and answered, to be closed. */
  replace(fd: number, file: OpenFile, closeOnExec: boolean): Descriptor | undefined {
    const before = this.entries[fd];
    this.entries[fd] = { file: file.hold(), closeOnExec };
    return before;
  }

  /** Takes an entry out, to be closed. */
  remove(fd: number): Descriptor | undefined {
    const entry = this.entries[fd];
    if (entry === undefined) return undefined;
    this.entries[fd] = undefined;
    if (fd < this.firstFree) this.firstFree = fd;
    return entry;
  }

  /** Open descriptors in ascending order. */
  *[Symbol.iterator](): IterableIterator<readonly [Fd, Descriptor]> {
    for (let fd = 0; fd < this.entries.length; fd++) {
      const entry = this.entries[fd];
      if (entry !== undefined) yield [fd as Fd, entry];
    }
  }

  copy(): FdTable {
    const copy = new FdTable();
    for (const [fd, { file, closeOnExec }] of this) copy.replace(fd, file, closeOnExec);
    copy.firstFree = this.firstFree;
    return copy;
  }
}

/** Told when a process has closed a descriptor of a file, not necessarily its last one, before the file is released. */
export const onDescriptorClosed = new ExtensionPoint<(process: Process, file: OpenFile) => void>("onDescriptorClosed");

/** Gives back what a removed descriptor held (filp_close). */
export function closeDescriptor({ file }: Descriptor, process: Process): void {
  for (const closed of process.kernel.extensions(onDescriptorClosed)) closed(process, file);
  file.drop();
}

export const fdTable = perProcess<FdTable>({
  create: () => new FdTable(),
  fork: (parent) => parent.copy(),
  exec(table, process) {
    for (const [fd, { closeOnExec }] of table) if (closeOnExec) closeDescriptor(table.remove(fd)!, process);
    return table;
  },
  exit(table, process) {
    for (const [fd] of table) closeDescriptor(table.remove(fd)!, process);
  },
});

/** CLONE_FILES between processes; threads of one share the table anyway. */
export const cloneFiles: CloneFlag = {
  flag: CLONE.FILES,
  apply(child, parent) {
    if (child.process !== parent.process) child.process.shareSlot(fdTable, parent.process);
    return 0;
  },
  unshare: ({ process }) => process.unshareSlot(fdTable),
};

/** One more than the highest descriptor that may be made: RLIMIT_NOFILE, within what the machine allows. */
export function descriptorLimit(process: Process): number {
  const [limit] = process.kernel.extensions(resourceLimit);
  return Math.min(limit?.(process, RLIMIT.NOFILE) ?? Number.POSITIVE_INFINITY, process.kernel.limits.fds);
}

/** The file of a descriptor; EBADF also for one opened with O_PATH, which no I/O goes through (fdget). */
export function fileOf(task: Task, fd: number): Result<OpenFile> {
  const entry = task.process.get(fdTable).get(fd);
  return entry === undefined || entry.file.flags & O.PATH ? EBADF : entry.file;
}

/** The file of a descriptor, also one opened with O_PATH (fdget_raw). */
export function anyFileOf({ process }: { readonly process: Process }, fd: number): Result<OpenFile> {
  return process.get(fdTable).get(fd)?.file ?? EBADF;
}

/**
 * Gives a process a descriptor for a file: the lowest free one, or EMFILE. Of `flags` only O_CLOEXEC matters. A file
 * that nobody else holds is released if there is no number left.
 */
export function installFd(process: Process, file: OpenFile, flags = 0): Result<Fd> {
  const fd = process.get(fdTable).install(file, (flags & O.CLOEXEC) !== 0, descriptorLimit(process));
  if (fd instanceof Errno) file.hold().drop();
  return fd;
}

/** Closes a descriptor that is open. */
export function closeFd(process: Process, fd: Fd): void {
  const entry = process.get(fdTable).remove(fd);
  if (entry !== undefined) closeDescriptor(entry, process);
}
