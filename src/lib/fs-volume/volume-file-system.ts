import { EIO, ENOSPC, type Result } from "../../abi/errno.ts";
import type { Statfs } from "../../abi/riscv64/stat.ts";
import type { Instant, Timespec } from "../../abi/types.ts";
import { utf8Encode } from "../../base/bytes.ts";
import { HostError, type HostVolume } from "../../kernel/host.ts";
import type { Kernel, Timer } from "../../kernel/kernel.ts";
import { LoadError } from "../../kernel/loader/load-error.ts";
import { RamDirectory, RamFileSystem, type RamInode } from "../fs-ram/index.ts";
import { flushInode, type Inode } from "../vfs/index.ts";
import { copyTree } from "./copy-tree.ts";
import { Damage } from "./damage.ts";
import { type Frames, VolumeLog } from "./log.ts";
import { RecordWriter, type VolumeRecord } from "./records.ts";
import { Replay, type Restorer } from "./replay.ts";
import { VolumeDirectory, VolumeFile } from "./volume-nodes.ts";

/** Its own, as no file system of Linux is like it; "drup" in ASCII. */
const MAGIC = 0x6472_7570;

/** How long what was changed may be in memory alone. */
const WRITE_BACK_NS = 100e6;
/** How much of it; bytes. */
const MOST_UNWRITTEN = 1 << 20;
/** How long it is taken for granted that there is no more room than before. */
const PATIENCE_NS = 1e9;
/** What a change costs beside its bytes. */
const CHANGE_BYTES = 64;

/**
 * A file system that lies in memory, and is written down in a volume of the host.
 *
 * What changes is noted, and becomes a batch of the volume's log: soon, or at once if somebody asks for it (fsync(2)). So the
 * log always leads to a state that the file system really had.
 */
export class VolumeFileSystem extends RamFileSystem implements Restorer {
  readonly volume: HostVolume;
  /** Why a new volume could not be made. */
  refusal: LoadError | undefined;
  private log: VolumeLog | undefined;
  /** What the log does not have as it is. */
  private readonly dirty = new Set<RamInode>();
  private unwritten = 0;
  private timer: Timer | undefined;
  /** Why the last attempt to write to the log failed. */
  private refused: HostError | undefined;
  /** There was no room to write it anew: which pages were free then, and up to when that is likely to be so. */
  private inVain: { readonly free: number; readonly until: Instant } | undefined;

  private constructor(kernel: Kernel, volume: HostVolume) {
    const { name, readOnly } = volume;
    super(
      kernel,
      { type: "volume", source: utf8Encode(name), readOnly },
      { file: VolumeFile, directory: VolumeDirectory },
    );
    this.volume = volume;
  }

  /** Opens a volume; what is wrong with it keeps the machine from starting. A new one is to {@link begin}. */
  static open(kernel: Kernel, volume: HostVolume): VolumeFileSystem | LoadError {
    const fs = new VolumeFileSystem(kernel, volume);
    const wrong = VolumeLog.isUnused(volume.store) ? undefined : fs.load();
    if (wrong instanceof HostError) return failure(volume, wrong);
    if (wrong !== undefined) {
      const cure = `Put back a copy of it, or remove it to begin anew: it is ${volume.place}.`;
      return new LoadError(EIO, `the volume ${volume.name} cannot be used: ${wrong.what}`, cure);
    }
    if (!fs.readOnly) volume.onClose(() => fs.close());
    return fs;
  }

  /** Fills a volume that is new with what the image has in its place, as Docker does: whole or not at all. */
  begin(over: Inode | undefined): void {
    if (this.log !== undefined) return;
    const full = over instanceof RamDirectory ? copyTree(over, this.root) : 0;
    const log = full === 0 && !this.readOnly ? VolumeLog.create(this.volume.store, this.state) : undefined;
    if (full !== 0) this.refusal = failure(this.volume, new HostError("ENOSPC"));
    else if (log instanceof HostError) this.refusal = failure(this.volume, log);
    else this.log = log;
  }

  private load(): Damage | HostError | undefined {
    const replay = new Replay(this);
    const log = VolumeLog.open(this.volume.store, replay.take);
    if (!(log instanceof VolumeLog)) return log;
    const last = replay.finish();
    if (last instanceof Damage) return last;
    this.inodes = last;
    this.log = log;
    return undefined;
  }

  restore({ inode, mode, uid, gid, rdev, target, btime }: Extract<VolumeRecord, { kind: "inode" }>): RamInode {
    this.inodes = inode - 1;
    return this.create({ mode, uid, gid, rdev, target }, btime);
  }

  override stamp(changed: RamInode): Timespec {
    this.note(changed);
    return super.stamp(changed);
  }

  /** Whether what changes now is to be written down: not while it is read from the log. */
  get isKept(): boolean {
    return this.log !== undefined && !this.readOnly;
  }

  /** An inode is not any more as the log has it. */
  note(inode: RamInode): void {
    if (!this.isKept) return;
    this.dirty.add(inode);
    this.unwritten += CHANGE_BYTES;
    this.timer ??= this.kernel.at((this.kernel.now() + WRITE_BACK_NS) as Instant, () => {
      this.timer = undefined;
      // Whoever syncs, or writes more, is told of a failure.
      this.keep();
    });
  }

  /** Nobody can reach an inode any more. */
  forget(inode: RamInode): void {
    this.dirty.delete(inode);
  }

  /** Sees to it that bytes that are about to be written can be kept, as far as that can be told. */
  makeRoom(bytes: number): Result<0> {
    const much = this.unwritten > 0 && this.unwritten + bytes > MOST_UNWRITTEN;
    const kept = much || this.refused !== undefined ? this.keep() : 0;
    if (kept === 0) this.unwritten += bytes;
    return kept;
  }

  /** Makes the log have all that changed; not what a bug left half done. */
  keep(): Result<0> {
    const { log } = this;
    if (log === undefined || this.dirty.size === 0) return 0;
    if (this.kernel.scheduler.fault !== undefined) return EIO;
    this.refused = log.add(this.changes);
    if (this.refused !== undefined && this.refused.code !== "ENOSPC") return EIO;
    if (this.refused !== undefined || log.isLong) this.rewrite(log);
    if (this.refused !== undefined) return ENOSPC;
    this.settle();
    return 0;
  }

  /** Makes all that changed outlive the machine (fsync(2)). */
  persist(): Result<0> {
    const kept = this.keep();
    if (kept !== 0) return kept;
    return this.log?.isBehind === true && this.log.flush() !== undefined ? EIO : 0;
  }

  /** sync(2), of what was stored through mappings too. */
  override sync(): Result<0> {
    for (const inode of this.reachable()) flushInode(inode);
    return this.persist();
  }

  override statfs(): Statfs {
    return { ...super.statfs(), type: MAGIC };
  }

  /** Writes the log anew with what there is. Where there is no room for that, it is not tried for nothing all the time. */
  private rewrite(log: VolumeLog): void {
    const { bfree: free } = this.statfs();
    const now = this.kernel.now();
    if (this.inVain !== undefined && free === this.inVain.free && now < this.inVain.until) return;
    const anew = log.rewrite(this.state);
    this.inVain = anew instanceof HostError ? { free, until: (now + PATIENCE_NS) as Instant } : undefined;
    if (anew instanceof HostError) return;
    this.log = anew;
    this.refused = undefined;
  }

  /** Writes down all that changed. */
  private readonly changes: Frames = (take) => {
    const writer = new RecordWriter(take);
    const named = [...this.dirty].filter(({ links }) => links > 0);
    for (const inode of named) {
      writer.inode(inode);
      if (inode instanceof VolumeFile) inode.writeChanges(writer);
    }
    for (const inode of named) if (inode instanceof VolumeDirectory) inode.writeChanges(writer);
    writer.finish();
  };

  /** Writes down all that there is. */
  private readonly state: Frames = (take) => {
    const writer = new RecordWriter(take);
    for (const inode of this.reachable()) {
      writer.inode(inode);
      if (inode instanceof VolumeFile) inode.writeAll(writer);
    }
    for (const inode of this.reachable()) if (inode instanceof VolumeDirectory) inode.writeAll(writer);
    writer.finish();
  };

  /** All inodes that have names. */
  private reachable(): Iterable<RamInode> {
    const found = new Set<RamInode>([this.root]);
    // What is added to a set is still come to.
    for (const inode of found) {
      if (inode instanceof VolumeDirectory) for (const [, child] of inode.children) found.add(child);
    }
    return found;
  }

  /** The log has all that changed; what has no name yet may get one. */
  private settle(): void {
    for (const inode of this.dirty) {
      const waits = inode.links === 0 && inode instanceof VolumeFile;
      if (waits) continue;
      if (inode instanceof VolumeFile || inode instanceof VolumeDirectory) inode.settle();
      this.dirty.delete(inode);
    }
    this.unwritten = 0;
  }

  /** The machine is over. Answers what could not be kept. */
  private close(): string | undefined {
    this.timer?.cancel();
    const { log } = this;
    if (log === undefined || (this.dirty.size === 0 && log.isSealed)) return undefined;
    const kept = this.persist();
    if (kept === 0 && this.log?.seal() === undefined) return undefined;
    const why = kept === ENOSPC ? "there is no room for it" : "it cannot be written";
    return `what was written last to the volume ${this.volume.name} is lost: ${why} (${this.volume.place})`;
  }
}

function failure({ name, place }: HostVolume, { code }: HostError): LoadError {
  if (code === "ENOSPC")
    return new LoadError(ENOSPC, `there is no room for the volume ${name}`, `Make room where it is: ${place}.`);
  return new LoadError(EIO, `the volume ${name} cannot be read or written: ${code}`, `Look at ${place}.`);
}
