import type { Result } from "../../abi/errno.ts";
import type { Statfs } from "../../abi/riscv64/stat.ts";
import { FS_MAGIC, S, ST } from "../../abi/stat.ts";
import type { Timespec } from "../../abi/types.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { anonymousDevice, type FileSystem, type NewNode } from "../vfs/index.ts";
import type { PageBudget } from "./file-body.ts";
import type { RamInode } from "./ram-inode.ts";
import { RamDirectory, RamFile, RamSpecial, RamSymlink } from "./ram-nodes.ts";

export interface RamOptions {
  /** As /proc/mounts names it. Default "tmpfs". */
  readonly type?: string;
  /** What is mounted, as /proc/mounts shows it. Default: the type. */
  readonly source?: string;
  /** Permissions of its root. Default 0o755. */
  readonly mode?: number;
  /** Bytes of file contents written in it, rounded down to pages; beyond that is ENOSPC. Default: half the host's memory. */
  readonly limitBytes?: number;
  readonly readOnly?: boolean;
}

/** The classes of what a file system in memory is made of. */
export interface RamKinds {
  readonly file: typeof RamFile;
  readonly directory: typeof RamDirectory;
}

const PAGE = 4096;

/** A file system in memory, as tmpfs(5). */
export class RamFileSystem implements FileSystem, PageBudget {
  readonly type: ByteString;
  readonly source: ByteString;
  readonly device: number;
  readonly readOnly: boolean;
  readonly root: RamDirectory;
  protected readonly kernel: Kernel;
  /** The number that was given out last. */
  protected inodes = 0;
  private readonly kinds: RamKinds;
  private readonly limitPages: number;
  private usedPages = 0;

  constructor(
    kernel: Kernel,
    { type = "tmpfs", source = type, mode = 0o755, limitBytes, readOnly = false }: RamOptions = {},
    kinds: RamKinds = { file: RamFile, directory: RamDirectory },
  ) {
    this.kernel = kernel;
    this.kinds = kinds;
    this.type = type as ByteString;
    this.source = source as ByteString;
    this.device = anonymousDevice(kernel);
    this.readOnly = readOnly;
    this.limitPages = Math.floor((limitBytes ?? kernel.host.machine.memoryBytes / 2) / PAGE);
    this.root = new kinds.directory(this, { mode: S.IFDIR | mode, uid: 0, gid: 0 });
  }

  /** Makes an inode that has no name yet. */
  create(node: NewNode, time?: Timespec): RamInode {
    switch (node.mode & S.IFMT) {
      case S.IFREG:
        return new this.kinds.file(this, node, undefined, time);
      case S.IFDIR:
        return new this.kinds.directory(this, node, time);
      case S.IFLNK:
        return new RamSymlink(this, node, time);
      default:
        return new RamSpecial(this, node, time);
    }
  }

  /** What the clock showed when the file system last looked at it: near enough for what is judged by days. */
  lastTime: Timespec = { seconds: 0, nanoseconds: 0 };

  now(): Timespec {
    this.lastTime = this.kernel.host.clock.realtime();
    return this.lastTime;
  }

  /** What time it is for an inode that changes now. */
  stamp(_changed: RamInode): Timespec {
    return this.now();
  }

  nextInode(): number {
    return ++this.inodes;
  }

  take(pages: number): boolean {
    if (this.usedPages + pages > this.limitPages) return false;
    this.usedPages += pages;
    return true;
  }

  give(pages: number): void {
    this.usedPages -= pages;
  }

  statfs(): Statfs {
    const free = this.limitPages - this.usedPages;
    return {
      type: FS_MAGIC.TMPFS,
      bsize: PAGE,
      blocks: this.limitPages,
      bfree: free,
      bavail: free,
      files: this.limitPages,
      ffree: Math.max(this.limitPages - this.inodes, 0),
      fsid: [this.device, 0],
      namelen: 255,
      frsize: PAGE,
      flags: ST.VALID | ST.RELATIME | (this.readOnly ? ST.RDONLY : 0),
      spare: [0, 0, 0, 0],
    };
  }

  sync(): Result<0> {
    return 0;
  }
}
