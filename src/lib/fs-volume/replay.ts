import { Errno } from "../../abi/errno.ts";
import { S } from "../../abi/stat.ts";
import { RamDirectory, RamFile, type RamInode } from "../fs-ram/index.ts";
import { Damage } from "./damage.ts";
import { readRecords, type VolumeRecord } from "./records.ts";

/** Where inodes of known numbers are made. */
export interface Restorer {
  readonly root: RamDirectory;
  restore(record: Extract<VolumeRecord, { kind: "inode" }>): RamInode;
}

/** Makes the tree that the batches of a log lead to. */
export class Replay {
  private readonly fs: Restorer;
  private readonly inodes = new Map<number, RamInode>();
  /** How many names inodes have. */
  private readonly names = new Map<RamInode, number>();
  private wrong: Damage | undefined;

  constructor(fs: Restorer) {
    this.fs = fs;
    this.inodes.set(fs.root.number, fs.root);
    this.names.set(fs.root, 1);
  }

  /** Takes the next batch. What has no name behind it, and had one before, is gone. */
  readonly take = (batch: Uint8Array): void => {
    const unnamed = new Set<RamInode>();
    for (const record of readRecords(batch)) {
      if (this.wrong !== undefined) return;
      this.wrong = record === undefined ? UNKNOWN : this.apply(record, unnamed);
    }
    for (const inode of unnamed) if (this.names.get(inode) === 0) this.drop(inode);
  };

  /** Answers the highest number of an inode, or what is wrong with the log. */
  finish(): number | Damage {
    if (this.wrong !== undefined) return this.wrong;
    let highest = 0;
    for (const [number, inode] of this.inodes) {
      highest = Math.max(highest, number);
      const names = this.names.get(inode) ?? 0;
      if (names === 0) this.drop(inode);
      else if (!(inode instanceof RamDirectory)) inode.links = names;
    }
    return highest;
  }

  private apply(record: VolumeRecord, unnamed: Set<RamInode>): Damage | undefined {
    const { inode: number } = record;
    const inode = this.inodes.get(number);
    if (record.kind === "inode") {
      if (!TYPES.has(record.mode & S.IFMT)) return UNKNOWN;
      this.setAttributes(inode ?? this.fs.restore(record), record);
      return undefined;
    }
    if (record.kind === "name") {
      return inode instanceof RamDirectory ? this.setName(inode, record, unnamed) : UNKNOWN;
    }
    if (!(inode instanceof RamFile)) return UNKNOWN;
    switch (record.kind) {
      case "size":
        return isDone(inode.body.truncate(record.size));
      case "hole":
        return isDone(inode.body.punch(record.start, record.end));
      case "data":
        return inode.body.write(record.bytes, record.at) === record.bytes.length ? undefined : TOO_LARGE;
    }
  }

  private setAttributes(inode: RamInode, record: Extract<VolumeRecord, { kind: "inode" }>): void {
    this.inodes.set(record.inode, inode);
    inode.mode = record.mode;
    inode.uid = record.uid;
    inode.gid = record.gid;
    inode.atime = record.atime;
    inode.mtime = record.mtime;
    inode.ctime = record.ctime;
  }

  private setName(
    directory: RamDirectory,
    { name, child }: Extract<VolumeRecord, { kind: "name" }>,
    unnamed: Set<RamInode>,
  ): Damage | undefined {
    const before = directory.lookup(name);
    if (!(before instanceof Errno)) {
      directory.remove(name, before);
      this.names.set(before, this.names.get(before)! - 1);
      unnamed.add(before);
    }
    if (child === 0) return undefined;
    const inode = this.inodes.get(child);
    if (inode === undefined) return UNKNOWN;
    directory.add(name, inode);
    this.names.set(inode, (this.names.get(inode) ?? 0) + 1);
    return undefined;
  }

  private drop(inode: RamInode): void {
    this.inodes.delete(inode.number);
    this.names.delete(inode);
    if (inode instanceof RamFile) inode.body.release();
  }
}

const UNKNOWN = new Damage("it holds what this Drupe does not know");
const TOO_LARGE = new Damage("it holds more than this machine has memory for");

function isDone(result: Errno | 0): Damage | undefined {
  return result === 0 ? undefined : TOO_LARGE;
}

const TYPES: ReadonlySet<number> = new Set([S.IFREG, S.IFDIR, S.IFLNK, S.IFCHR, S.IFBLK, S.IFIFO, S.IFSOCK]);
