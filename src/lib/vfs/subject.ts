import { Errno, type Result } from "../../abi/errno.ts";
import { AT } from "../../abi/fcntl.ts";
import type { Fd, GuestPtr } from "../../abi/types.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { chain } from "../posix-fdio/chain.ts";
import { type AttributeChanges, type Attributes, anyFileOf, fileOf, type OpenFile } from "../posix-fdtab/index.ts";
import type { Location } from "./dentry.ts";
import { tellChanges } from "./file-events.ts";
import { LocatedFile } from "./located-file.ts";
import { isReadOnly } from "./make.ts";
import { isPathless, locate } from "./paths.ts";

/** What chmod(2), chown(2) and utimensat(2) change: the inode at a place, or an open file that no path leads to. */
export interface Subject {
  /** A type of S.IFMT. */
  readonly type: number;
  readonly isReadOnly: boolean;
  attributes(): Answer<Attributes>;
  change(changes: AttributeChanges): Answer<0>;
}

function subjectAt(kernel: Kernel, place: Location): Subject {
  const { inode } = place.dentry;
  return {
    type: inode.type,
    isReadOnly: isReadOnly(place),
    attributes: () => inode.attributes(),
    change: (changes) =>
      chain(inode.change(changes), () => {
        tellChanges(kernel, place, changes);
        return 0;
      }),
  };
}

const subjectBehind = (kernel: Kernel, file: OpenFile): Subject =>
  file instanceof LocatedFile
    ? subjectAt(kernel, file.location)
    : { type: file.type, isReadOnly: false, attributes: () => file.attributes(), change: (all) => file.change(all) };

/** The subject of a descriptor that was opened for more than its path: EBADF. */
export function subjectOf(task: Task, fd: Fd): Result<Subject> {
  const file = fileOf(task, fd);
  return file instanceof Errno ? file : subjectBehind(task.kernel, file);
}

/** The subject that a path names, or with AT_EMPTY_PATH the descriptor. */
export function subjectNamed(task: Task, dirFd: Fd, at: GuestPtr, flags: number): Answer<Subject> {
  if (flags & AT.EMPTY_PATH && isPathless(task, dirFd, at)) {
    return chain(anyFileOf(task, dirFd), (file) => subjectBehind(task.kernel, file));
  }
  return chain(locate(task, dirFd, at, flags), (place) => subjectAt(task.kernel, place));
}
