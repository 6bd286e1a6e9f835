/** What is told of files to those who watch them; to nobody, unless a library does. (fsnotify of Linux fs/notify) */
import { IN } from "../../abi/inotify.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { ExtensionPoint } from "../../kernel/library.ts";
import type { AttributeChanges } from "../posix-fdtab/index.ts";
import type { Dentry, Location } from "./dentry.ts";
import type { Inode } from "./inode.ts";

/** Something that happened to a file. */
export interface FileEvent {
  /** One of IN. */
  readonly kind: number;
  readonly inode: Inode;
  /** Whether who watches the file itself is told. */
  readonly tellsItself: boolean;
  /** The directory in which it has the name, whose watchers are told that; undefined where only the file matters. */
  readonly directory: Inode | undefined;
  readonly name: ByteString;
  /** What the two events of one move have in common; 0 for others. */
  readonly cookie: number;
  /** Whether it happened through an open file that has lost its name. */
  readonly unlinked: boolean;
}

export interface FileWatcher {
  /** Whether anybody watches anything. */
  isWatching(kernel: Kernel): boolean;
  tell(kernel: Kernel, event: FileEvent): void;
}

export const fileWatcher = new ExtensionPoint<FileWatcher>("fileWatcher");

const NO_NAME = "" as ByteString;

function tell(kernel: Kernel, event: FileEvent): void {
  for (const watcher of kernel.extensions(fileWatcher)) if (watcher.isWatching(kernel)) watcher.tell(kernel, event);
}

/** An event of a file at a place: its directory is told first. (fsnotify_parent) */
export function tellFile(kernel: Kernel, kind: number, { dentry }: Location, isOpen = false): void {
  const { parent, name, inode } = dentry;
  const directory = parent === dentry ? undefined : parent.inode;
  // One that never had a name is as good as one that has lost it.
  const unlinked = isOpen && directory !== undefined && parent.known(name) !== dentry;
  tell(kernel, { kind, inode, tellsItself: true, directory, name, cookie: 0, unlinked });
}

/** An event of a name in a directory. (fsnotify_name) */
export function tellName(
  kernel: Kernel,
  kind: number,
  directory: Dentry,
  name: ByteString,
  inode: Inode,
  cookie = 0,
): void {
  tell(kernel, { kind, inode, tellsItself: false, directory: directory.inode, name, cookie, unlinked: false });
}

/** An event of a file, whatever it is called. (fsnotify_inode) */
export function tellInode(kernel: Kernel, kind: number, inode: Inode): void {
  tell(kernel, { kind, inode, tellsItself: true, directory: undefined, name: NO_NAME, cookie: 0, unlinked: false });
}

/** Attributes were changed. (fsnotify_change) */
export function tellChanges(kernel: Kernel, place: Location, { atime, mtime, ...others }: AttributeChanges): void {
  const both = atime !== undefined && mtime !== undefined;
  if (both || Object.keys(others).length > 0) tellFile(kernel, IN.ATTRIB, place);
  else if (atime !== undefined) tellFile(kernel, IN.ACCESS, place);
  else if (mtime !== undefined) tellFile(kernel, IN.MODIFY, place);
}

let moves = 0;

/** A file got another name. (fsnotify_move) */
export function tellMove(
  kernel: Kernel,
  from: readonly [Dentry, ByteString],
  to: readonly [Dentry, ByteString],
  inode: Inode,
): void {
  const cookie = ++moves;
  tellName(kernel, IN.MOVED_FROM, ...from, inode, cookie);
  tellName(kernel, IN.MOVED_TO, ...to, inode, cookie);
}

/** A file that has no name any more is gone as soon as nobody has it open. (fsnotify_inoderemove) */
export function tellIfGone(kernel: Kernel, inode: Inode): void {
  if (inode.nameless && inode.holders === 0) tellInode(kernel, IN.DELETE_SELF, inode);
}
