/** Fills a file system in memory from a tree that is described, not read: bodies are read when somebody asks. */
import { makeDevice, S } from "../../abi/stat.ts";
import type { Timespec } from "../../abi/types.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { NewNode } from "../vfs/index.ts";
import type { LazyBytes } from "./file-body.ts";
import type { RamFileSystem } from "./ram-fs.ts";
import type { RamInode } from "./ram-inode.ts";
import { RamDirectory, RamFile } from "./ram-nodes.ts";

interface EntryMeta {
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: Timespec;
}

/** A file of the tree. */
export type RamEntry = EntryMeta &
  (
    | ({ readonly type: "file" } & LazyBytes)
    | { readonly type: "directory" }
    | { readonly type: "symlink"; readonly target: ByteString }
    | { readonly type: "char" | "block"; readonly major: number; readonly minor: number }
    | { readonly type: "fifo" }
  );

/**
 * Files by path: without a leading slash, "" the root, a directory before what is in it. Two paths of the same object are
 * two names of one file.
 */
export type RamTree = ReadonlyMap<ByteString, RamEntry>;

export function fill(fs: RamFileSystem, tree: RamTree): void {
  const made = new Map<RamEntry, RamInode>();
  const directories = new Map<string, RamDirectory>([["", fs.root]]);
  for (const [path, entry] of tree) {
    if (path === "") {
      adopt(fs.root, entry);
      continue;
    }
    const slash = path.lastIndexOf("/");
    const parent = directories.get(path.slice(0, Math.max(slash, 0)));
    if (parent === undefined) throw new Error(`${path} comes before its directory`);
    const known = entry.type === "directory" ? undefined : made.get(entry);
    const inode = known ?? inodeOf(fs, entry);
    if (known !== undefined) known.links++;
    made.set(entry, inode);
    parent.add(path.slice(slash + 1) as ByteString, inode);
    if (inode instanceof RamDirectory) directories.set(path, inode);
  }
}

/** Gives the root, which is there before anything, the tree's attributes. */
function adopt(root: RamDirectory, { mode, uid, gid, mtime }: EntryMeta): void {
  root.mode = S.IFDIR | mode;
  root.uid = uid;
  root.gid = gid;
  root.mtime = mtime;
}

const TYPES = {
  file: S.IFREG,
  directory: S.IFDIR,
  symlink: S.IFLNK,
  char: S.IFCHR,
  block: S.IFBLK,
  fifo: S.IFIFO,
} as const;

function inodeOf(fs: RamFileSystem, entry: RamEntry): RamInode {
  const node: NewNode = {
    mode: TYPES[entry.type] | entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    ...(entry.type === "symlink" ? { target: entry.target } : {}),
    ...(entry.type === "char" || entry.type === "block" ? { rdev: makeDevice(entry.major, entry.minor) } : {}),
  };
  return entry.type === "file" ? new RamFile(fs, node, entry, entry.mtime) : fs.create(node, entry.mtime);
}
