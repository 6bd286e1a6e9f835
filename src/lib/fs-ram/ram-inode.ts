import { EEXIST, EINVAL, ENOENT, ENOSPC, ENOTEMPTY, EOPNOTSUPP, type Result } from "../../abi/errno.ts";
import { FALLOC } from "../../abi/fcntl.ts";
import { S } from "../../abi/stat.ts";
import type { Timespec } from "../../abi/types.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { Answer } from "../../kernel/wait.ts";
import type { Attributes } from "../posix-fdtab/index.ts";
import { type AttributeChanges, type DirectoryEntry, Inode, type NewNode } from "../vfs/index.ts";
import { FileBody } from "./file-body.ts";
import type { RamFileSystem } from "./ram-file-system.ts";

const BLOCK_SIZE = 4096;
/** What a directory entry adds to its directory's st_size, as in tmpfs (BOGO_DIRENT_SIZE). */
const ENTRY_SIZE = 20;

/** What is known of a file before it is in the file system. */
export interface RamNode extends NewNode {
  readonly mtime?: Timespec;
  readonly body?: { readonly size: number; read(): Uint8Array };
}

/** A file, directory, link or device in memory. It stays as long as it has a name or is open. */
export class RamInode extends Inode {
  readonly fs: RamFileSystem;
  readonly number: number;
  readonly type: number;
  readonly children: Map<ByteString, RamInode> | undefined;
  private readonly body: FileBody | undefined;
  private readonly target: ByteString;
  private readonly rdev: number;
  private permissions: number;
  private uid: number;
  private gid: number;
  private names = 0;
  private opens = 0;
  private atime: Timespec;
  private mtime: Timespec;
  private ctime: Timespec;
  private readonly btime: Timespec;

  constructor(fs: RamFileSystem, node: RamNode) {
    super();
    this.fs = fs;
    this.number = fs.allocateNumber();
    this.type = node.mode & S.IFMT;
    this.permissions = node.mode & S.ALL;
    this.uid = node.uid;
    this.gid = node.gid;
    this.rdev = node.rdev ?? 0;
    this.target = node.target ?? ("" as ByteString);
    this.children = this.type === S.IFDIR ? new Map() : undefined;
    this.body = this.type === S.IFREG ? new FileBody(fs, node.body) : undefined;
    this.btime = node.mtime ?? fs.now();
    this.atime = this.mtime = this.ctime = this.btime;
  }

  override attributes(): Attributes {
    const { atime, mtime, ctime, btime, uid, gid, rdev } = this;
    const size = this.size;
    const allocated = this.body?.allocated ?? 0;
    return {
      device: this.fs.device,
      inode: this.number,
      mode: this.type | this.permissions,
      links: this.links,
      uid,
      gid,
      rdev,
      size,
      blockSize: BLOCK_SIZE,
      blocks: Math.ceil(Math.min(allocated, Math.ceil(size / BLOCK_SIZE) * BLOCK_SIZE) / 512),
      atime,
      mtime,
      ctime,
      btime,
    };
  }

  private get links(): number {
    if (this.children === undefined) return this.names;
    // A directory is named by its parent, by itself, and by each directory in it.
    let links = this.names + 1;
    for (const child of this.children.values()) if (child.children !== undefined) links++;
    return links;
  }

  private get size(): number {
    if (this.body !== undefined) return this.body.size;
    if (this.children !== undefined) return (this.children.size + 2) * ENTRY_SIZE;
    return this.target.length;
  }

  override change({ mode, uid, gid, atime, mtime }: AttributeChanges): 0 {
    if (mode !== undefined) this.permissions = mode & S.ALL;
    this.uid = uid ?? this.uid;
    this.gid = gid ?? this.gid;
    this.atime = atime ?? this.atime;
    this.mtime = mtime ?? this.mtime;
    this.ctime = this.fs.now();
    return 0;
  }

  override lookup(name: ByteString): Result<RamInode> {
    return this.children?.get(name) ?? ENOENT;
  }

  override list(): readonly DirectoryEntry[] {
    return [...this.children!].map(([name, { number, type }]) => ({ name, inode: number, type }));
  }

  override make(name: ByteString, node: NewNode): Result<RamInode> {
    if (this.children!.has(name)) return EEXIST;
    return this.attach(name, new RamInode(this.fs, node));
  }

  override makeUnnamed(node: NewNode): Result<RamInode> {
    return new RamInode(this.fs, node);
  }

  override link(name: ByteString, inode: Inode): Answer<0> {
    if (this.children!.has(name)) return EEXIST;
    this.attach(name, inode as RamInode);
    return 0;
  }

  override unlink(name: ByteString): Answer<0> {
    return this.detach(name);
  }

  override rmdir(name: ByteString): Answer<0> {
    const child = this.children!.get(name);
    if (child?.children !== undefined && child.children.size > 0) return ENOTEMPTY;
    return this.detach(name);
  }

  override rename(name: ByteString, directory: Inode, newName: ByteString, exchange: boolean): Answer<0> {
    const to = directory as RamInode;
    const moved = this.children!.get(name);
    if (moved === undefined) return ENOENT;
    const replaced = to.children!.get(newName);
    if (replaced === moved) return 0;
    if (exchange) {
      if (replaced === undefined) return ENOENT;
      this.children!.set(name, replaced);
      replaced.ctime = this.fs.now();
    } else {
      if (replaced?.children !== undefined && replaced.children.size > 0) return ENOTEMPTY;
      if (replaced !== undefined) to.detach(newName);
      this.children!.delete(name);
    }
    to.children!.set(newName, moved);
    moved.ctime = this.fs.now();
    this.touch();
    to.touch();
    return 0;
  }

  override readLink(): Result<ByteString> {
    return this.type === S.IFLNK ? this.target : EINVAL;
  }

  override opened(): 0 {
    this.opens++;
    return 0;
  }

  override closed(): void {
    this.opens--;
    this.releaseIfGone();
  }

  override read(into: Uint8Array, position: number): Answer {
    return this.body?.read(into, position) ?? EINVAL;
  }

  override write(from: Uint8Array, position: number): Answer {
    const written = this.body?.write(from, position) ?? 0;
    if (written === 0 && from.length > 0) return ENOSPC;
    this.touch();
    return written;
  }

  override truncate(size: number): Answer<0> {
    this.body?.truncate(size);
    this.touch();
    return 0;
  }

  override allocate(mode: number, offset: number, length: number): Answer<0> {
    const body = this.body;
    if (body === undefined || (mode & ~(FALLOC.KEEP_SIZE | FALLOC.PUNCH_HOLE)) !== 0) return EOPNOTSUPP;
    const done = mode & FALLOC.PUNCH_HOLE ? body.punch(offset, offset + length) : body.reserve(offset, offset + length);
    if (!done) return ENOSPC;
    if ((mode & FALLOC.KEEP_SIZE) === 0 && offset + length > body.size) body.truncate(offset + length);
    this.touch();
    return 0;
  }

  override nextData(offset: number): number {
    return this.body?.nextData(offset) ?? offset;
  }

  override nextHole(offset: number, size: number): number {
    return this.body?.nextHole(offset) ?? size;
  }

  override get mappedSize(): Result<number> {
    return this.body?.size ?? EINVAL;
  }

  /** Puts an inode under a name that is free. */
  attach(name: ByteString, inode: RamInode): RamInode {
    this.children!.set(name, inode);
    inode.names++;
    inode.ctime = this.fs.now();
    this.touch();
    return inode;
  }

  /** The root of a file system has no name in a directory, and yet stays. */
  attachAsRoot(): void {
    this.names++;
  }

  /** Restores the times of an entry that came with the root, after its children were put in. */
  restoreTimes(mtime: Timespec): void {
    this.atime = this.mtime = this.ctime = mtime;
  }

  private detach(name: ByteString): Answer<0> {
    const child = this.children!.get(name);
    if (child === undefined) return ENOENT;
    this.children!.delete(name);
    child.names--;
    child.ctime = this.fs.now();
    child.releaseIfGone();
    this.touch();
    return 0;
  }

  private touch(): void {
    this.mtime = this.ctime = this.fs.now();
  }

  private releaseIfGone(): void {
    if (this.names <= 0 && this.opens <= 0) this.body?.release();
  }
}
