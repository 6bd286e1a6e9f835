import { EEXIST, EINVAL, EMLINK, ENOENT, ENOTEMPTY, EOPNOTSUPP, Errno, type Result } from "../../abi/errno.ts";
import { FALLOC } from "../../abi/fcntl.ts";
import { S } from "../../abi/stat.ts";
import type { Timespec } from "../../abi/types.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { DirectoryEntry, Inode, NewNode } from "../vfs/index.ts";
import { FileBody, type LazyBytes } from "./file-body.ts";
import type { RamFileSystem } from "./ram-fs.ts";
import { RamInode } from "./ram-inode.ts";

/** A regular file in memory. */
export class RamFile extends RamInode {
  readonly body: FileBody;
  /** Open files that keep the bytes after the last name is gone. */
  private opens = 0;

  constructor(fs: RamFileSystem, node: NewNode, bytes?: LazyBytes, time?: Timespec) {
    super(fs, node, time);
    this.body = new FileBody(fs, bytes);
  }

  override get size(): number {
    return this.body.size;
  }

  override get blocks(): number {
    return this.body.blocks;
  }

  override get mappedSize(): number {
    return this.body.size;
  }

  override contentKey(): string | undefined {
    return this.body.digest;
  }

  override read(into: Uint8Array, position: number): number {
    const count = this.body.read(into, position);
    this.accessed();
    return count;
  }

  override write(from: Uint8Array, position: number): Result<number> {
    const written = this.body.write(from, position);
    if (!(written instanceof Errno)) this.touch();
    return written;
  }

  override truncate(size: number): Result<0> {
    const done = this.body.truncate(size);
    if (done === 0) this.touch();
    return done;
  }

  override allocate(mode: number, offset: number, length: number): Result<0> {
    if (mode & ~(FALLOC.KEEP_SIZE | FALLOC.PUNCH_HOLE)) return EOPNOTSUPP;
    const end = offset + length;
    const done = mode & FALLOC.PUNCH_HOLE ? this.body.punch(offset, end) : this.body.allocate(offset, end);
    if (done !== 0) return done;
    if (!(mode & FALLOC.KEEP_SIZE) && end > this.size) this.body.size = end;
    this.touch();
    return 0;
  }

  override nextData(offset: number): number {
    return this.body.nextData(offset);
  }

  override nextHole(offset: number): number {
    return this.body.nextHole(offset);
  }

  override opened(): 0 {
    this.opens++;
    return 0;
  }

  override closed(): void {
    this.opens--;
    this.releaseUnnamed();
  }

  override unlinked(): void {
    super.unlinked();
    this.releaseUnnamed();
  }

  private releaseUnnamed(): void {
    if (this.links === 0 && this.opens === 0) this.release();
  }

  /** Nobody can reach the file any more. */
  protected release(): void {
    this.body.release();
  }
}

export class RamSymlink extends RamInode {
  readonly target: ByteString;

  constructor(fs: RamFileSystem, node: NewNode, time?: Timespec) {
    super(fs, node, time);
    this.target = node.target ?? ("" as ByteString);
  }

  override get size(): number {
    return this.target.length;
  }

  override readLink(): ByteString {
    this.accessed();
    return this.target;
  }
}

/** A device, FIFO or socket: only a name here; others drive it. */
export class RamSpecial extends RamInode {
  private readonly deviceNumber: number;

  constructor(fs: RamFileSystem, node: NewNode, time?: Timespec) {
    super(fs, node, time);
    this.deviceNumber = node.rdev ?? 0;
  }

  override get rdev(): number {
    return this.deviceNumber;
  }
}

/** What tmpfs counts for each entry (BOGO_DIRENT_SIZE in mm/shmem.c). */
const ENTRY_SIZE = 20;
const MAX_LINKS = 0x7fff_ffff;

export class RamDirectory extends RamInode {
  protected readonly entries = new Map<ByteString, RamInode>();

  constructor(fs: RamFileSystem, node: NewNode, time?: Timespec) {
    super(fs, node, time);
    this.links = 2;
  }

  override get size(): number {
    return ENTRY_SIZE * (this.entries.size + 2);
  }

  /** What is in it, without a look at times. */
  get children(): Iterable<readonly [ByteString, RamInode]> {
    return this.entries;
  }

  override lookup(name: ByteString): Result<RamInode> {
    return this.entries.get(name) ?? ENOENT;
  }

  override list(): readonly DirectoryEntry[] {
    this.accessed();
    return Array.from(this.entries, ([name, { number, type }]) => ({ name, inode: number, type }));
  }

  override make(name: ByteString, node: NewNode): Result<RamInode> {
    if (this.entries.has(name)) return EEXIST;
    const made = this.fs.create(node);
    this.add(name, made);
    this.touch();
    return made;
  }

  override makeUnnamed(node: NewNode): Result<RamInode> {
    const made = this.fs.create(node);
    made.links = 0;
    return made;
  }

  override link(name: ByteString, inode: Inode): Result<0> {
    if (!(inode instanceof RamInode) || inode.fs !== this.fs) return EINVAL;
    if (this.entries.has(name)) return EEXIST;
    if (inode.links >= MAX_LINKS) return EMLINK;
    inode.links++;
    inode.ctime = this.fs.stamp(inode);
    this.add(name, inode);
    this.touch();
    return 0;
  }

  override unlink(name: ByteString): Result<0> {
    const victim = this.entries.get(name);
    if (victim === undefined) return ENOENT;
    this.remove(name, victim);
    victim.unlinked();
    this.touch();
    return 0;
  }

  override rmdir(name: ByteString): Result<0> {
    const victim = this.entries.get(name);
    if (victim === undefined) return ENOENT;
    if (victim instanceof RamDirectory && victim.entries.size > 0) return ENOTEMPTY;
    this.remove(name, victim);
    victim.links = 0;
    victim.ctime = this.fs.stamp(victim);
    this.touch();
    return 0;
  }

  override rename(name: ByteString, directory: Inode, newName: ByteString, exchange: boolean): Result<0> {
    if (!(directory instanceof RamDirectory) || directory.fs !== this.fs) return EINVAL;
    const moved = this.entries.get(name);
    if (moved === undefined) return ENOENT;
    const replaced = directory.entries.get(newName);
    if (exchange) {
      if (replaced === undefined) return ENOENT;
      directory.remove(newName, replaced);
      this.remove(name, moved);
      this.add(name, replaced);
    } else {
      if (replaced !== undefined) {
        const removed = replaced instanceof RamDirectory ? directory.rmdir(newName) : directory.unlink(newName);
        if (removed !== 0) return removed;
      }
      this.remove(name, moved);
    }
    directory.add(newName, moved);
    moved.ctime = this.fs.stamp(moved);
    this.touch();
    directory.touch();
    return 0;
  }

  /** The directory of a name, made if it lacks. */
  directory(name: ByteString): RamDirectory {
    const known = this.entries.get(name);
    if (known instanceof RamDirectory) return known;
    const made = new RamDirectory(this.fs, { mode: S.IFDIR | 0o755, uid: 0, gid: 0 });
    this.add(name, made);
    return made;
  }

  /** Puts an inode under a name, without a look at times: also how the file system is filled. */
  add(name: ByteString, inode: RamInode): void {
    this.entries.set(name, inode);
    // A directory's ".." is a name of its parent.
    if (inode.type === S.IFDIR) this.links++;
  }

  /** Takes a name out again, as {@link add} puts it in. */
  remove(name: ByteString, inode: RamInode): void {
    this.entries.delete(name);
    if (inode.type === S.IFDIR) this.links--;
  }
}
