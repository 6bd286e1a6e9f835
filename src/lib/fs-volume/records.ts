/** What batches are made of: the state of inodes, bytes of files, names in directories. */
import { timespec } from "../../abi/riscv64/time.ts";
import { type ByteString, byteString, bytesOf } from "../../base/bytes.ts";
import { roundUp, struct, u32, u64 } from "../../base/struct.ts";
import { type FileBody, type RamInode, RamSymlink } from "../fs-ram/index.ts";
import { HEAD_BYTES } from "./log.ts";

const KIND = { INODE: 1, SIZE: 2, HOLE: 3, DATA: 4, NAME: 5 } as const;

const inodeLayout = struct({
  kind: u32,
  /** Bytes of a symbolic link's target behind this. */
  length: u32,
  inode: u64,
  mode: u32,
  uid: u32,
  gid: u32,
  rdev: u64,
  atime: timespec,
  mtime: timespec,
  ctime: timespec,
  btime: timespec,
});

/** Of a file: its size is cut off or lengthened to `at`; `length` bytes there become a hole, or follow. */
const rangeLayout = struct({ kind: u32, inode: u64, at: u64, length: u64 });

/** Of a directory: a name, whose `length` bytes follow, stands for another inode; for none if that is 0. */
const nameLayout = struct({ kind: u32, length: u32, inode: u64, child: u64 });

type InodeFields = Omit<ReturnType<typeof inodeLayout.read>, "kind" | "length">;

/** A step of {@link readRecords}. */
export type VolumeRecord =
  | (InodeFields & { readonly kind: "inode"; readonly target: ByteString })
  | { readonly kind: "size"; readonly inode: number; readonly size: number }
  | { readonly kind: "hole"; readonly inode: number; readonly start: number; readonly end: number }
  | { readonly kind: "data"; readonly inode: number; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "name"; readonly inode: number; readonly name: ByteString; readonly child: number };

const ALIGN = 8;
const SMALLEST = 4096;
/** Bytes of a file that are written down at a time. */
const PIECE = 1 << 20;
/** Beyond that a frame is handed over with bytes of files alone; what else changed comes together. */
const LONG = 4 << 20;

/** Writes records, and hands them over in frames. */
export class RecordWriter {
  private readonly take: (frame: Uint8Array) => void;
  private bytes = new Uint8Array(SMALLEST);
  private view = new DataView(this.bytes.buffer);
  private length = HEAD_BYTES;

  /** @param take - is done with a frame when it returns. */
  constructor(take: (frame: Uint8Array) => void) {
    this.take = take;
  }

  /** Hands over what was written. */
  finish(): void {
    if (this.length === HEAD_BYTES) return;
    this.take(this.bytes.subarray(0, this.length));
    this.length = HEAD_BYTES;
  }

  inode(inode: RamInode): void {
    const { number, mode, uid, gid, rdev, atime, mtime, ctime, btime } = inode;
    const target = inode instanceof RamSymlink ? inode.target : ("" as ByteString);
    const at = this.add(inodeLayout.size + target.length);
    const fields = { inode: number, mode, uid, gid, rdev, atime, mtime, ctime, btime };
    inodeLayout.write(this.view, at, { kind: KIND.INODE, length: target.length, ...fields });
    this.bytes.set(bytesOf(target), at + inodeLayout.size);
  }

  size(inode: number, size: number): void {
    this.range(KIND.SIZE, inode, size, 0, 0);
  }

  hole(inode: number, start: number, end: number): void {
    this.range(KIND.HOLE, inode, start, end - start, 0);
  }

  /** @param body - what the bytes from `start` to `end` are read from. */
  data(inode: number, start: number, end: number, body: FileBody): void {
    for (let at = start; at < end; at += PIECE) {
      const length = Math.min(PIECE, end - at);
      const place = this.range(KIND.DATA, inode, at, length, length);
      body.read(this.bytes.subarray(place, place + length), at);
      if (this.length > LONG) this.finish();
    }
  }

  /** @param child - the inode's number, or 0 if the name is gone. */
  name(directory: number, name: ByteString, child: number): void {
    const at = this.add(nameLayout.size + name.length);
    nameLayout.write(this.view, at, { kind: KIND.NAME, inode: directory, child, length: name.length });
    this.bytes.set(bytesOf(name), at + nameLayout.size);
  }

  private range(kind: number, inode: number, at: number, length: number, room: number): number {
    const place = this.add(rangeLayout.size + room);
    rangeLayout.write(this.view, place, { kind, inode, at, length });
    return place + rangeLayout.size;
  }

  /** Makes room for a record, and answers where. */
  private add(length: number): number {
    const at = this.length;
    const end = at + roundUp(length, ALIGN);
    if (end > this.bytes.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.bytes.length));
      grown.set(this.bytes.subarray(0, at));
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    this.bytes.fill(0, at + length, end);
    this.length = end;
    return at;
  }
}

/** Reads the records of a batch; undefined stands for what is none that this Drupe knows. */
export function* readRecords(bytes: Uint8Array): Generator<VolumeRecord | undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; ) {
    const { record, length } = readRecord(bytes, view, at) ?? {};
    yield record;
    if (length === undefined) return;
    at += roundUp(length, ALIGN);
  }
}

interface ReadRecord {
  readonly record: VolumeRecord;
  readonly length: number;
}

function readRecord(bytes: Uint8Array, view: DataView, at: number): ReadRecord | undefined {
  const kind = view.getUint32(at, true);
  const layout = kind === KIND.INODE ? inodeLayout : kind === KIND.NAME ? nameLayout : rangeLayout;
  const behind = at + layout.size;
  if (behind > bytes.length) return undefined;
  const part = (length: number): Uint8Array => bytes.subarray(behind, behind + length);
  if (kind === KIND.INODE) {
    const { length, ...fields } = inodeLayout.read(view, at);
    const target = byteString(part(length));
    return { record: { ...fields, kind: "inode", target }, length: layout.size + length };
  }
  if (kind === KIND.NAME) {
    const { inode, child, length } = nameLayout.read(view, at);
    return { record: { kind: "name", inode, child, name: byteString(part(length)) }, length: layout.size + length };
  }
  const { inode, at: start, length } = rangeLayout.read(view, at);
  switch (kind) {
    case KIND.SIZE:
      return { record: { kind: "size", inode, size: start }, length: layout.size };
    case KIND.HOLE:
      return { record: { kind: "hole", inode, start, end: start + length }, length: layout.size };
    case KIND.DATA:
      return { record: { kind: "data", inode, at: start, bytes: part(length) }, length: layout.size + length };
    default:
      return undefined;
  }
}
