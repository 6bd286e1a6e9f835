import type { Statfs } from "../../abi/riscv64/stat.ts";
import { makeDevice, S } from "../../abi/stat.ts";
import type { Timespec } from "../../abi/types.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { anonymousDevice, type FileSystem } from "../vfs/index.ts";
import type { Room } from "./file-body.ts";
import { RamInode } from "./ram-inode.ts";

const BLOCK_SIZE = 4096;
const TMPFS_MAGIC = 0x0102_1994;

interface EntryMeta {
  /** Permissions. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: Timespec;
}

/** What a file system in memory can be filled from; two paths with one entry are hard links. */
export type RamEntry =
  | (EntryMeta & { readonly type: "file"; readonly size: number; read(): Uint8Array })
  | (EntryMeta & { readonly type: "directory" | "fifo" })
  | (EntryMeta & { readonly type: "symlink"; readonly target: ByteString })
  | (EntryMeta & { readonly type: "char" | "block"; readonly major: number; readonly minor: number });

/** Entries by path without a leading slash, each directory before what is in it; "" is the root. */
export type RamTree = ReadonlyMap<ByteString, RamEntry>;

const TYPES: Readonly<Record<RamEntry["type"], number>> = {
  file: S.IFREG,
  directory: S.IFDIR,
  fifo: S.IFIFO,
  symlink: S.IFLNK,
  char: S.IFCHR,
  block: S.IFBLK,
};

/** A file system in memory, as tmpfs(5) is. What is written to it counts against its limit. */
export class RamFileSystem implements FileSystem, Room {
  readonly type = "tmpfs" as ByteString;
  readonly source = "tmpfs" as ByteString;
  readonly readOnly = false;
  readonly device: number;
  readonly root: RamInode;
  private readonly kernel: Kernel;
  private readonly limit: number;
  private used = 0;
  private inodes = 0;

  /** @param limit - bytes that may be written. */
  constructor(kernel: Kernel, limit: number, mode = 0o755) {
    this.kernel = kernel;
    this.limit = limit;
    this.device = anonymousDevice(kernel);
    this.root = new RamInode(this, { mode: S.IFDIR | mode, uid: 0, gid: 0 });
    // The root of a file system is its own parent: that is its second name.
    this.root.attachAsRoot();
  }

  take(bytes: number): boolean {
    if (this.used + bytes > this.limit) return false;
    this.used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.used -= bytes;
  }

  allocateNumber(): number {
    return ++this.inodes;
  }

  now(): Timespec {
    return this.kernel.host.clock.realtime();
  }

  statfs(): Statfs {
    const blocks = Math.floor(this.limit / BLOCK_SIZE);
    const free = blocks - Math.ceil(this.used / BLOCK_SIZE);
    return {
      type: TMPFS_MAGIC,
      bsize: BLOCK_SIZE,
      blocks,
      bfree: free,
      bavail: free,
      files: 2 ** 20,
      ffree: 2 ** 20 - this.inodes,
      fsid: [this.device, 0],
      namelen: 255,
      frsize: BLOCK_SIZE,
      flags: 0,
      spare: [0, 0, 0, 0],
    };
  }

  sync(): 0 {
    return 0;
  }

  /** Puts a tree in; the file system is empty before. */
  fill(tree: RamTree): void {
    const made = new Map<RamEntry, RamInode>();
    const places = new Map<ByteString, RamInode>([["" as ByteString, this.root]]);
    for (const [path, entry] of tree) {
      if (path === "") continue;
      const slash = path.lastIndexOf("/");
      const parent = places.get(path.slice(0, Math.max(slash, 0)) as ByteString);
      if (parent === undefined) throw new Error(`the tree names ${path} before its directory`);
      const inode = made.get(entry) ?? this.inodeFor(entry);
      parent.attach(path.slice(slash + 1) as ByteString, inode);
      made.set(entry, inode);
      places.set(path, inode);
    }
    for (const [path, entry] of tree) places.get(path)?.restoreTimes(entry.mtime);
    const top = tree.get("" as ByteString);
    if (top !== undefined) this.root.change({ mode: top.mode, uid: top.uid, gid: top.gid, mtime: top.mtime });
  }

  private inodeFor(entry: RamEntry): RamInode {
    const { mode, uid, gid, mtime } = entry;
    return new RamInode(this, {
      mode: TYPES[entry.type] | mode,
      uid,
      gid,
      mtime,
      ...(entry.type === "symlink" ? { target: entry.target } : {}),
      ...(entry.type === "file" ? { body: entry } : {}),
      ...(entry.type === "char" || entry.type === "block" ? { rdev: makeDevice(entry.major, entry.minor) } : {}),
    });
  }
}
