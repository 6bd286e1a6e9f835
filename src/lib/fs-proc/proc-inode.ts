import { EACCES, EINVAL, ENOENT, EPERM, Errno, type Result } from "../../abi/errno.ts";
import { O, SEEK } from "../../abi/fcntl.ts";
import type { Statfs } from "../../abi/riscv64/stat.ts";
import { FS_MAGIC, S, ST } from "../../abi/stat.ts";
import type { Timespec } from "../../abi/types.ts";
import { type ByteString, byteString, bytesOf } from "../../base/bytes.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Process } from "../../kernel/process.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import type { Attributes, OpenFile } from "../posix-fdtab/index.ts";
import { isDumpable, mayAccess } from "../posix-process/index.ts";
import { credentialsOf } from "../posix-user/index.ts";
import {
  anonymousDevice,
  type DirectoryEntry,
  type FileSystem,
  Inode,
  LocatedFile,
  type Location,
} from "../vfs/index.ts";
import type { DirectoryNode, ProcNode, TextNode } from "./node.ts";

const KINDS = {
  text: { type: S.IFREG, mode: 0o444 },
  link: { type: S.IFLNK, mode: 0o777 },
  directory: { type: S.IFDIR, mode: 0o555 },
} as const;

/** The file system at /proc: inodes over a tree of nodes. */
export class ProcFileSystem implements FileSystem {
  readonly type = "proc" as ByteString;
  readonly source = "proc" as ByteString;
  readonly device: number;
  readonly readOnly = false;
  readonly root: Inode;
  readonly made: Timespec;
  private readonly inodes = new WeakMap<ProcNode, ProcInode>();
  private count = 0;

  constructor(kernel: Kernel, root: DirectoryNode) {
    this.device = anonymousDevice(kernel);
    const { seconds, nanoseconds } = kernel.host.clock.realtime();
    this.made = { seconds, nanoseconds };
    this.root = this.inodeOf(root);
  }

  inodeOf(node: ProcNode): ProcInode {
    const known = this.inodes.get(node);
    if (known !== undefined) return known;
    const made = new ProcInode(this, ++this.count, node);
    this.inodes.set(node, made);
    return made;
  }

  statfs(): Statfs {
    return {
      type: FS_MAGIC.PROC,
      bsize: 4096,
      blocks: 0,
      bfree: 0,
      bavail: 0,
      files: 0,
      ffree: 0,
      fsid: [this.device, 0],
      namelen: 255,
      frsize: 4096,
      flags: ST.VALID | ST.RELATIME,
      spare: [0, 0, 0, 0],
    };
  }

  sync(): 0 {
    return 0;
  }
}

class ProcInode extends Inode {
  readonly fs: ProcFileSystem;
  readonly number: number;
  readonly type: number;
  private readonly node: ProcNode;
  /** Only links that lead to more than a path have it: see `Inode.follow`. */
  override readonly follow?: (task: Task) => Answer<Location>;
  override readonly open?: (task: Task, location: Location, flags: number) => Answer<OpenFile>;

  constructor(fs: ProcFileSystem, number: number, node: ProcNode) {
    super();
    this.fs = fs;
    this.number = number;
    this.node = node;
    this.type = KINDS[node.kind].type;
    if (node.kind === "link" && node.follow !== undefined) {
      const { follow } = node;
      this.follow = (task) => (isHidden(task, node) ? EACCES : follow(task));
    }
    if (node.kind === "text") this.open = (task, location, flags) => openText(task, location, flags, node);
  }

  override attributes(): Attributes {
    const { node, fs } = this;
    const { mode = KINDS[node.kind].mode, owner } = node;
    // What others may not look into is root's (task_dump_owner).
    const open = owner !== undefined && (node.kind === "directory" || isDumpable(owner));
    const { euid: uid, egid: gid } = open ? credentialsOf(owner) : { euid: 0, egid: 0 };
    return {
      device: fs.device,
      inode: this.number,
      mode: this.type | mode,
      links: node.kind === "directory" ? 2 + subdirectories(node) : 1,
      uid,
      gid,
      rdev: 0,
      size: 0,
      blockSize: 1024,
      blocks: 0,
      atime: fs.made,
      mtime: fs.made,
      ctime: fs.made,
    };
  }

  override lookup(name: ByteString): Result<Inode> {
    const { node } = this;
    const found = node.kind === "directory" ? (node.entries().get(name) ?? node.unlisted?.(name)) : undefined;
    return found === undefined ? ENOENT : this.fs.inodeOf(found);
  }

  override list(): readonly DirectoryEntry[] {
    const entries = this.node.kind === "directory" ? this.node.entries() : new Map<string, ProcNode>();
    return Array.from(entries, ([name, node]) => {
      const { number, type } = this.fs.inodeOf(node);
      return { name: name as ByteString, inode: number, type };
    });
  }

  override make(): Errno {
    return ENOENT;
  }

  override readLink(task: Task): Answer<ByteString> {
    if (this.node.kind !== "link") return EINVAL;
    return isHidden(task, this.node) ? EACCES : this.node.target(task);
  }

  /** Programs cut a setting off before they write it; there is nothing to cut. */
  override truncate(): 0 {
    return 0;
  }

  override change(): Errno {
    return EPERM;
  }
}

function isHidden({ process }: Task, { shows }: ProcNode): boolean {
  return shows !== undefined && !mayAccess(process, shows, "file");
}

function subdirectories({ entries }: DirectoryNode): number {
  let count = 0;
  for (const { kind } of entries().values()) if (kind === "directory") count++;
  return count;
}

function openText(task: Task, location: Location, flags: number, node: TextNode): Result<OpenFile> {
  const writes = (flags & O.ACCMODE) !== 0;
  if ((writes && node.write === undefined) || isHidden(task, node)) return EACCES;
  return new TextFile(task.process, location, flags, node);
}

/** An open text: made when it is first read, and again after a rewind (seq_file). */
class TextFile extends LocatedFile {
  private readonly node: TextNode;
  private bytes: Uint8Array | undefined;

  constructor(process: Process, location: Location, flags: number, node: TextNode) {
    super(process, location, flags);
    this.node = node;
  }

  override get seekable(): boolean {
    return true;
  }

  override get pollable(): boolean {
    return false;
  }

  override read(_task: Task, into: Uint8Array, position: number): number {
    if (position === 0 || this.bytes === undefined) this.bytes = bytesOf(this.node.read() as ByteString);
    const part = this.bytes.subarray(position, position + into.length);
    into.set(part);
    return part.length;
  }

  override write(task: Task, from: Uint8Array): Result<number> {
    if (this.node.write === undefined) return EINVAL;
    const written = this.node.write(task, byteString(from));
    return written instanceof Errno ? written : from.length;
  }

  override seek(offset: number, whence: number): Result<number> {
    const target = whence === SEEK.SET ? offset : whence === SEEK.CUR ? this.position + offset : -1;
    if (target < 0) return EINVAL;
    this.position = target;
    return target;
  }
}
