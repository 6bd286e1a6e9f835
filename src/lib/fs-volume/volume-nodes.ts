import { Errno, type Result } from "../../abi/errno.ts";
import type { ByteString } from "../../base/bytes.ts";
import { IntervalMap } from "../../base/interval-map.ts";
import { roundDown, roundUp } from "../../base/struct.ts";
import { RamDirectory, RamFile, type RamInode } from "../fs-ram/index.ts";
import type { NewNode } from "../vfs/index.ts";
import type { RecordWriter } from "./records.ts";
import type { VolumeFileSystem } from "./volume-file-system.ts";

const PAGE = 4096;

/** A regular file of a volume: it knows which of its bytes the log does not have. */
export class VolumeFile extends RamFile {
  private readonly changed = new IntervalMap<true>();
  /** The smallest size that it had since the log last heard of it. */
  private smallest = Number.POSITIVE_INFINITY;

  private get volume(): VolumeFileSystem {
    return this.fs as VolumeFileSystem;
  }

  override write(from: Uint8Array, position: number): Result<number> {
    const full = this.volume.makeRoom(from.length);
    if (full !== 0) return full;
    const written = super.write(from, position);
    if (!(written instanceof Errno)) this.changed.set(position, position + written, true);
    return written;
  }

  override truncate(size: number): Result<0> {
    this.smallest = Math.min(this.smallest, size);
    return super.truncate(size);
  }

  override allocate(mode: number, offset: number, length: number): Result<0> {
    const done = super.allocate(mode, offset, length);
    if (done !== 0) return done;
    this.changed.set(offset, offset + length, true);
    // Whoever allocates wants to know now whether there is room.
    return this.volume.keep();
  }

  override sync(): Result<0> {
    return this.volume.persist();
  }

  protected override release(): void {
    super.release();
    this.volume.forget(this);
  }

  /** Writes down all of its contents. */
  writeAll(into: RecordWriter): void {
    this.writeRange(into, 0, this.size);
    into.size(this.number, this.size);
  }

  /** Writes down what the log does not have of them. */
  writeChanges(into: RecordWriter): void {
    if (this.smallest < this.size) into.size(this.number, this.smallest);
    for (const { start, end } of this.changed.within(0, this.size)) this.writeRange(into, start, end);
    // What was written behind the end is not there any more, but the page that it was in may be.
    const behind = this.changed.within(this.size, roundUp(this.size, PAGE));
    if (behind.length > 0) this.writeRange(into, roundDown(this.size, PAGE), this.size);
    into.size(this.number, this.size);
  }

  /** The log has all of it. */
  settle(): void {
    this.changed.delete(0, Number.POSITIVE_INFINITY);
    this.smallest = Number.POSITIVE_INFINITY;
  }

  /** Writes down what a range of it holds, which may be nothing. */
  private writeRange(into: RecordWriter, start: number, end: number): void {
    let at = start;
    for (const part of this.body.present(start, end)) {
      if (at < part.start) into.hole(this.number, at, part.start);
      into.data(this.number, part.start, part.end, this.body);
      at = part.end;
    }
    // The last page is gone as a whole, although the file ends within it.
    if (at < end) into.hole(this.number, at, end === this.size ? roundUp(end, PAGE) : end);
  }
}

/** A directory of a volume: it knows which of its names the log does not have as they are. */
export class VolumeDirectory extends RamDirectory {
  private readonly changed = new Set<ByteString>();

  private get volume(): VolumeFileSystem {
    return this.fs as VolumeFileSystem;
  }

  override make(name: ByteString, node: NewNode): Result<RamInode> {
    const full = this.volume.makeRoom(0);
    return full === 0 ? super.make(name, node) : full;
  }

  override add(name: ByteString, inode: RamInode): void {
    super.add(name, inode);
    this.noteName(name);
    this.volume.note(inode);
  }

  override remove(name: ByteString, inode: RamInode): void {
    super.remove(name, inode);
    this.noteName(name);
  }

  private noteName(name: ByteString): void {
    if (this.volume.isKept) this.changed.add(name);
  }

  override sync(): Result<0> {
    return this.volume.persist();
  }

  writeAll(into: RecordWriter): void {
    for (const [name, { number }] of this.entries) into.name(this.number, name, number);
  }

  writeChanges(into: RecordWriter): void {
    for (const name of this.changed) into.name(this.number, name, this.entries.get(name)?.number ?? 0);
  }

  settle(): void {
    this.changed.clear();
  }
}
