import { EBADF, EINVAL, EPERM, Errno, type Result } from "../../abi/errno.ts";
import { S } from "../../abi/stat.ts";
import type { ByteString } from "../../base/bytes.ts";
import { roundUp } from "../../base/struct.ts";
import { HostError, type HostFile, type HostNode, type HostStat } from "../../kernel/host.ts";
import type { Answer } from "../../kernel/wait.ts";
import type { AttributeChanges, Attributes } from "../posix-fdtab/index.ts";
import { type DirectoryEntry, Inode, type NewNode } from "../vfs/index.ts";
import { orErrno } from "./errors.ts";
import type { HostFileSystem } from "./host-file-system.ts";

export const TYPES: Readonly<Record<HostStat["type"], number>> = {
  file: S.IFREG,
  directory: S.IFDIR,
  symlink: S.IFLNK,
  // Host devices, FIFOs and sockets are not the guest's: it sees that something is there, and cannot open it.
  other: S.IFSOCK,
};

const BLOCK_SIZE = 4096;

/** Under which name, in which directory, a file was found last. */
interface Place {
  readonly directory: HostInode;
  readonly name: ByteString;
}

/** A file of the host. What is open stays usable after its name is gone, because the host keeps it open as well. */
export class HostInode extends Inode {
  readonly fs: HostFileSystem;
  readonly number: number;
  readonly type: number;
  /** Undefined for the granted folder itself. */
  private place: Place | undefined;
  private known: HostNode;
  /** The file system's generation in which {@link known} was found. */
  private generation: number;
  /** What a directory was when its name went: it may still be somebody's working directory. */
  private last: HostStat | undefined;
  private file: HostFile | undefined;
  private fileIsWritable = false;
  private opens = 0;

  constructor(
    fs: HostFileSystem,
    node: HostNode,
    { type, inode }: Pick<HostStat, "type" | "inode">,
    place: Place | undefined,
  ) {
    super();
    this.fs = fs;
    this.known = node;
    this.place = place;
    this.generation = fs.generation;
    this.number = inode;
    this.type = TYPES[type];
  }

  foundAt(directory: HostInode, name: ByteString, node: HostNode): void {
    this.place = { directory, name };
    this.known = node;
    this.generation = this.fs.generation;
    this.last = undefined;
  }

  /** The host's file; found anew after a directory above it may have been renamed. */
  private get node(): HostNode {
    if (this.generation !== this.fs.generation && this.place !== undefined) {
      const { directory, name } = this.place;
      const again = directory.node.lookup(name);
      if (!(again instanceof HostError)) this.known = again;
      this.generation = this.fs.generation;
    }
    return this.known;
  }

  private stat(): Result<HostStat> {
    // A file that is open answers for itself, whatever has become of its name.
    const stat = orErrno(this.file === undefined ? this.node.stat() : this.file.stat());
    return stat instanceof Errno && this.last !== undefined ? { ...this.last, links: 0 } : stat;
  }

  override attributes(): Result<Attributes> {
    const stat = this.stat();
    if (stat instanceof Errno) return stat;
    const { mode, links, size, atime, mtime, ctime } = stat;
    return {
      device: this.fs.device,
      inode: this.number,
      mode: this.type | mode,
      links,
      uid: 0,
      gid: 0,
      rdev: 0,
      size,
      blockSize: BLOCK_SIZE,
      blocks: roundUp(size, BLOCK_SIZE) / 512,
      atime,
      mtime,
      ctime,
    };
  }

  override change({ mode, uid, gid, atime, mtime }: AttributeChanges): Answer<0> {
    // Who owns a file on the host is not the guest's to say.
    if ((uid ?? 0) !== 0 || (gid ?? 0) !== 0) return EPERM;
    const subject = this.file ?? this.node;
    if (mode !== undefined) {
      const refused = subject.setMode(mode);
      if (refused !== undefined) return orErrno(refused);
    }
    if (atime === undefined && mtime === undefined) return 0;
    const now = this.stat();
    if (now instanceof Errno) return now;
    return orErrno(subject.setTimes(atime ?? now.atime, mtime ?? now.mtime) ?? 0);
  }

  override lookup(name: ByteString): Answer<Inode> {
    return this.found(name, this.node.lookup(name));
  }

  override list(): Answer<readonly DirectoryEntry[]> {
    const entries = orErrno(this.node.list());
    if (entries instanceof Errno) return entries;
    return entries.map(({ name, type }) => ({ name, type: TYPES[type], inode: this.numberOf(name) }));
  }

  override make(name: ByteString, { mode, target }: NewNode): Answer<Inode> {
    const permissions = mode & S.ALL;
    switch (mode & S.IFMT) {
      case S.IFREG:
        return this.made(name, this.node.create(name, permissions), permissions);
      case S.IFDIR:
        return this.made(name, this.node.makeDirectory(name, permissions), permissions);
      case S.IFLNK:
        return this.found(name, this.node.symlink(name, target ?? ("" as ByteString)));
      default:
        return EPERM;
    }
  }

  override link(name: ByteString, inode: Inode): Answer<0> {
    return inode instanceof HostInode ? orErrno(this.node.link(name, inode.node) ?? 0) : EINVAL;
  }

  override unlink(name: ByteString): Answer<0> {
    return orErrno(this.node.unlink(name, false) ?? 0);
  }

  override rmdir(name: ByteString): Answer<0> {
    const victim = this.found(name, this.node.lookup(name));
    const stat = victim instanceof Errno ? undefined : victim.stat();
    const refused = this.node.unlink(name, true);
    if (refused !== undefined) return orErrno(refused);
    if (!(victim instanceof Errno) && !(stat instanceof Errno)) victim.last = stat;
    return 0;
  }

  override rename(name: ByteString, directory: Inode, newName: ByteString, exchange: boolean): Answer<0> {
    // Hosts do not offer an exchange: EINVAL, as from a file system without it.
    if (exchange || !(directory instanceof HostInode)) return EINVAL;
    const refused = this.node.rename(name, directory.node, newName);
    if (refused !== undefined) return orErrno(refused);
    this.fs.generation++;
    // The moved inode is found at its new place from now on.
    const moved = directory.lookup(newName);
    return moved instanceof Errno ? moved : 0;
  }

  override readLink(): Answer<ByteString> {
    return orErrno(this.node.readLink());
  }

  override opened(writable: boolean): Answer<0> {
    if (this.file === undefined || (writable && !this.fileIsWritable)) {
      const file = orErrno(this.node.open(writable));
      if (file instanceof Errno) return file;
      this.file?.close();
      this.file = file;
      this.fileIsWritable = writable;
    }
    this.opens++;
    return 0;
  }

  override closed(): void {
    if (--this.opens > 0) return;
    this.file?.close();
    this.file = undefined;
    this.fileIsWritable = false;
  }

  override read(into: Uint8Array, position: number): Answer {
    return this.withFile(false, (file) => file.read(into, position));
  }

  override write(from: Uint8Array, position: number): Answer {
    return this.withFile(true, (file) => file.write(from, position));
  }

  override truncate(size: number): Answer<0> {
    return this.withFile(true, (file) => file.truncate(size) ?? 0);
  }

  override get mappedSize(): Result<number> {
    const stat = this.stat();
    return stat instanceof Errno ? stat : stat.size;
  }

  /** Uses the open file, or opens it for this once: truncate(2) and a mapping need no descriptor. */
  private withFile<T extends number>(writable: boolean, use: (file: HostFile) => T | HostError): Result<T> {
    if (this.file !== undefined && (this.fileIsWritable || !writable)) return orErrno(use(this.file));
    const file = this.node.open(writable);
    if (file instanceof HostError) return this.file === undefined ? (orErrno(file) as Errno) : EBADF;
    try {
      return orErrno(use(file));
    } finally {
      file.close();
    }
  }

  private found(name: ByteString, node: HostNode | HostError): Result<HostInode> {
    return node instanceof HostError ? (orErrno(node) as Errno) : this.fs.inodeOf(node, this, name);
  }

  /** A new file has the permissions that the guest asked for, whatever the host's own umask took away. */
  private made(name: ByteString, node: HostNode | HostError, permissions: number): Result<HostInode> {
    const inode = this.found(name, node);
    if (inode instanceof Errno) return inode;
    const stat = inode.stat();
    if (!(stat instanceof Errno) && stat.mode !== permissions) inode.node.setMode(permissions);
    return inode;
  }

  private numberOf(name: ByteString): number {
    const inode = this.found(name, this.node.lookup(name));
    return inode instanceof Errno ? 0 : inode.number;
  }
}
