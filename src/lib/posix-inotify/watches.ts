/** Who watches what, and what of an event each one is told. (Linux fs/notify/inotify/inotify_fsnotify.c) */
import { IN, IN_EVENT, IN_WATCH } from "../../abi/inotify.ts";
import { S } from "../../abi/stat.ts";
import type { ByteString } from "../../base/bytes.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import type { FileEvent, FileWatcher, Inode } from "../vfs/index.ts";
import type { InotifyFile } from "./inotify-file.ts";

/** One file that an instance watches. (struct inotify_inode_mark) */
export interface Watch {
  readonly instance: InotifyFile;
  readonly wd: number;
  readonly inode: Inode;
  /** Kinds of events. */
  mask: number;
  /** Of IN_WATCH: EXCL_UNLINK and ONESHOT. */
  flags: number;
}

/** All watches of a machine by what they watch. */
export const watches = perKernel(() => new Map<Inode, Set<Watch>>());

const NO_NAME = "" as ByteString;

/** An instance that watches both a directory and a file in it is told of the directory's first. */
export const watcher: FileWatcher = {
  isWatching: (kernel) => kernel.get(watches).size > 0,
  tell(kernel, event) {
    const all = kernel.get(watches);
    const inDirectory = event.directory && all.get(event.directory);
    if (inDirectory !== undefined) for (const watch of [...inDirectory]) notify(watch, event, event.name);
    const itself = event.tellsItself ? all.get(event.inode) : undefined;
    if (itself !== undefined) for (const watch of [...itself]) notify(watch, event, NO_NAME);
    if (event.kind === IN.DELETE_SELF) for (const watch of [...(itself ?? [])]) watch.instance.remove(watch);
  },
};

/** Events that say of no directory that it is one. */
const OF_ITSELF = IN.DELETE_SELF | IN.MOVE_SELF;

function notify(watch: Watch, { kind, inode, cookie, unlinked }: FileEvent, name: ByteString): void {
  if ((watch.mask & kind) === 0) return;
  if (unlinked && (watch.flags & IN_WATCH.EXCL_UNLINK) !== 0) return;
  const isDirectory = inode.type === S.IFDIR && (kind & OF_ITSELF) === 0;
  watch.instance.put({ wd: watch.wd, mask: kind | (isDirectory ? IN_EVENT.ISDIR : 0), cookie, name });
  if ((watch.flags & IN_WATCH.ONESHOT) !== 0) watch.instance.remove(watch);
}
