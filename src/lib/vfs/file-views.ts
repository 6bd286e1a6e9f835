/** File input and output that shared mappings of the file agree with: what they hold is flushed, what changes is told. */
import type { Answer } from "../../kernel/wait.ts";
import { chain } from "../posix-fdio/chain.ts";
import type { Inode } from "./inode.ts";

/** Reads from an inode, stores through its shared mappings included. */
export function readInode(inode: Inode, into: Uint8Array, position: number): Answer {
  flush(inode, position, into.length);
  return inode.read(into, position);
}

/** Writes to an inode and shows it in its shared mappings. */
export function writeInode(inode: Inode, from: Uint8Array, position: number): Answer {
  if (!hasViews(inode)) return inode.write(from, position);
  flush(inode, position, from.length);
  return chain(inode.write(from, position), (written) => {
    changed(inode, position, written);
    return written;
  });
}

/** Changes an inode's size; mappings lose, or get, what lies behind the smaller one. */
export function resizeInode(inode: Inode, size: number): Answer<0> {
  if (!hasViews(inode)) return inode.truncate(size);
  flush(inode, size, 1);
  return chain(inode.truncate(size), () => {
    changed(inode, size, Number.POSITIVE_INFINITY);
    return 0;
  });
}

/** fallocate(2) on an inode: it may lengthen the file, or zero parts of it. */
export function allocateInode(inode: Inode, mode: number, offset: number, length: number): Answer<0> {
  if (!hasViews(inode)) return inode.allocate(mode, offset, length);
  flush(inode, 0, Number.POSITIVE_INFINITY);
  return chain(inode.allocate(mode, offset, length), () => {
    changed(inode, offset, Number.POSITIVE_INFINITY);
    return 0;
  });
}

/** fsync(2): what was stored through shared mappings is of the file too. */
export function syncInode(inode: Inode): Answer<0> {
  flushInode(inode);
  return inode.sync();
}

/** Writes what was stored through shared mappings to the file. */
export function flushInode(inode: Inode): void {
  flush(inode, 0, Number.POSITIVE_INFINITY);
}

function hasViews({ views }: Inode): boolean {
  return views !== undefined && views.size > 0;
}

function flush({ views }: Inode, offset: number, length: number): void {
  if (views !== undefined) for (const view of views) view.flush(offset, length);
}

function changed({ views }: Inode, offset: number, length: number): void {
  if (views !== undefined) for (const view of views) view.changed(offset, length);
}
