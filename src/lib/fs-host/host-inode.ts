import { EBADF, EOPNOTSUPP, EPERM, Errno, type Result } from "../../abi/errno.ts";
import type { Statfs } from "../../abi/riscv64/stat.ts";
import { S } from "../../abi/stat.ts";
import type { ByteString } from "../../base/bytes.ts";
import { roundUp } from "../../base/struct.ts";
import { HostError, type HostFile, type HostFolder, type HostNode, type HostStat } from "../../kernel/host.ts";
import type { Answer } from "../../kernel/wait.ts";
import type { Attributes } from "../posix-fdtab/index.ts";
import { type AttributeChanges, type DirectoryEntry, type FileSystem, Inode, type NewNode } from "../vfs/index.ts";
import { orErrno } from "./errors.ts";

const TYPES: Readonly<Record<HostStat["type"], number>> = {
  file: S.IFREG,
  directory: S.IFDIR,
  symlink: S.IFLNK,
  // Host devices, FIFOs and sockets are not the guest's: it sees that something is there, and cannot open it.
  other: S.IFSOCK,
};

const BLOCK_SIZE = 4096;

/** A granted folder of the host as a file system. Everything in it belongs to root, who the guest's programs are by default. */
export class HostFileSystem implements FileSystem {
  readonly type = "hostfs" as ByteString;
  readonly source = "host" as ByteString;
  readonly device: number;
  readonly readOnly: boolean;
  readonly root: Inode;
  private readonly inodes = new Map<number, HostInode>();

  constructor(folder: HostFolder, device: number) {
    this.device = device;
    this.readOnly = folder.readOnly;
    this.root = new HostInode(this, folder.root, { type: "directory", inode: 0 });
  }

  /** The inode of a host file; the same object as long as the machine runs, under whichever name it is found. */
  inodeOf(node: HostNode): Result<HostInode> {
    const stat = orErrno(node.stat());
    if (stat instanceof Errno) return stat;
    const known = this.inodes.get(stat.inode);
    if (known !== undefined && known.type === TYPES[stat.type]) {
      known.node = node;
      return known;
    }
    const made = new HostInode(this, node, stat);
    this.inodes.set(stat.inode, made);
    return made;
  }

  /** The host does not say how much room it has; nothing is promised. */
  statfs(): Statfs {
    return {
      type: 0x0102_1997, // V9FS_MAGIC: the host's files by way of a protocol, the nearest that Linux has.
      bsize: BLOCK_SIZE,
      blocks: 0,
      bfree: 0,
      bavail: 0,
      files: 0,
      ffree: 0,
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
}

/** A file of the host. What is open stays usable after its name is gone, because the host keeps it open as well. */
export class HostInode extends Inode {
  readonly fs: HostFileSystem;
  readonly number: number;
  readonly type: number;
  /** Where it was found last. */
  node: HostNode;
  private file: HostFile | undefined;
  private fileIsWritable = false;
  private opens = 0;

  constructor(fs: HostFileSystem, node: HostNode, stat: Pick<HostStat, "type" | "inode">) {
    super();
    this.fs = fs;
    this.node = node;
    this.number = stat.inode === 0 ? 1 : stat.inode;
    this.type = TYPES[stat.type];
  }

  override attributes(): Result<Attributes> {
    const stat = orErrno(this.node.stat());
    if (stat instanceof Errno) return stat;
    const { mode, links, atime, mtime, ctime } = stat;
    // A file whose name is gone answers for itself.
    const size = this.file === undefined ? stat.size : orErrno(this.file.size());
    if (size instanceof Errno) return size;
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
    if (mode !== undefined) {
      const refused = this.node.setMode(mode);
      if (refused !== undefined) return orErrno(refused);
    }
    if (atime === undefined && mtime === undefined) return 0;
    const now = orErrno(this.node.stat());
    if (now instanceof Errno) return now;
    return orErrno(this.node.setTimes(atime ?? now.atime, mtime ?? now.mtime) ?? 0);
  }

  override lookup(name: ByteString): Answer<Inode> {
    return this.found(this.node.lookup(name));
  }

  override list(): Answer<readonly DirectoryEntry[]> {
    const entries = orErrno(this.node.list());
    if (entries instanceof Errno) return entries;
    return entries.map(({ name, type }) => ({ name, type: TYPES[type], inode: this.numberOf(name) }));
  }

  override make(name: ByteString, { mode, target }: NewNode): Answer<Inode> {
    switch (mode & S.IFMT) {
      case S.IFREG:
        return this.found(this.node.create(name, mode & S.ALL));
      case S.IFDIR:
        return this.found(this.node.makeDirectory(name, mode & S.ALL));
      case S.IFLNK:
        return this.found(this.node.symlink(name, target ?? ("" as ByteString)));
      default:
        return EPERM;
    }
  }

  override link(name: ByteString, inode: Inode): Answer<0> {
    return orErrno(this.node.link(name, (inode as HostInode).node) ?? 0);
  }

  override unlink(name: ByteString): Answer<0> {
    return orErrno(this.node.unlink(name, false) ?? 0);
  }

  override rmdir(name: ByteString): Answer<0> {
    return orErrno(this.node.unlink(name, true) ?? 0);
  }

  override rename(name: ByteString, directory: Inode, newName: ByteString, exchange: boolean): Answer<0> {
    if (exchange) return EOPNOTSUPP;
    const target = directory as HostInode;
    const refused = this.node.rename(name, target.node, newName);
    if (refused !== undefined) return orErrno(refused);
    // The moved inode is found at its new place from now on.
    const moved = target.lookup(newName);
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
    return this.withFile(false, (file) => file.size());
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

  private found(node: HostNode | HostError): Result<HostInode> {
    return node instanceof HostError ? (orErrno(node) as Errno) : this.fs.inodeOf(node);
  }

  private numberOf(name: ByteString): number {
    const inode = this.found(this.node.lookup(name));
    return inode instanceof Errno ? 0 : inode.number;
  }
}
