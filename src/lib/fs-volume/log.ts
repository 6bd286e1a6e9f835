/**
 * The format of a volume's store: two superblocks, and a log of batches.
 *
 * A batch is a step from one state of the file system to a later one, whole or not at all: its checksum covers its bytes and
 * the checksum of the batch before. Where the chain ends, the log ends; a batch that was cut off by a crash was never there.
 * Each batch tells how much of the log was safe on the host's medium when it was written. So a crash, which loses no more than
 * what was not, can be told from damage, by which something safe got lost: that is not passed over.
 *
 * A log that has grown is written anew, with only what still counts, behind the old one, then moved to the front. At any time
 * every superblock that can be read names a log that is whole.
 */
import { crc32 } from "../../base/crc32.ts";
import { array, roundUp, struct, u8, u32, u64 } from "../../base/struct.ts";
import { HostError, type HostStore } from "../../kernel/host.ts";
import { Damage } from "./damage.ts";

const superblockLayout = struct({
  magic: array(u8, 12),
  format: u32,
  /** Of the two superblocks the higher one counts. */
  sequence: u32,
  /** Number of the log: its batches have it too, so that none of an older log is taken for one of this. */
  log: u32,
  start: u64,
  /** Bytes that the log had when it was written anew, as a whole. */
  snapshot: u64,
  /** Bytes of it that had been flushed when this was written. */
  safe: u64,
  checksum: u32,
});

const batchLayout = struct({
  magic: u32,
  checksum: u32,
  /** Checksum of the batch before; 0 in the first one. */
  previous: u32,
  log: u32,
  /** Where it is in the log: what lies elsewhere, as in a file that holds a copy of a volume, is none. */
  at: u64,
  /** Bytes of the log that were flushed before this was written. */
  durable: u64,
  /** Bytes behind this head. */
  length: u64,
});

const MAGIC = Array.from("drupe volume", (char) => char.charCodeAt(0));
const FORMAT = 1;
/** Apart from each other, so that no sector holds both. */
const SLOTS = [0, 4096] as const;
const FIRST = 8192;
const BATCH_MAGIC = 0x7462_7664;
/** Batches begin at multiples of this. */
const ALIGN = 64;
/** How much longer than twice what it was when it was written anew a log may get. */
const SLACK = 1 << 20;
const PIECE = 1 << 20;
/** What a superblock names while the first log is being written. */
const UNFINISHED = 0;

/** Bytes in front of a frame's records, which the log fills in. */
export const HEAD_BYTES = batchLayout.size;

/** Hands over frames, one after the other; each is done with when `take` returns. */
export type Frames = (take: (frame: Uint8Array) => void) => void;

type Superblock = ReturnType<typeof superblockLayout.read>;

export class VolumeLog {
  private readonly store: HostStore;
  private sequence = 0;
  private number = UNFINISHED;
  private start = FIRST;
  private end = FIRST;
  private durable = FIRST;
  private snapshot = 0;
  /** Checksum of the last batch. */
  private last = 0;
  /** What the superblocks say of {@link durable}. */
  private sealed = FIRST;
  /** Logs that were begun in place of this one: no two have the same number. */
  private attempts = 0;
  private lengthInVain = 0;
  /** What left it open which state the store has: nothing is promised from then on. */
  private failure: HostError | undefined;

  private constructor(store: HostStore) {
    this.store = store;
  }

  /** Whether a store has never had a volume: it is new, or a crash came before the first one was finished. */
  static isUnused(store: HostStore): boolean {
    const superblock = newest(store);
    return superblock === undefined ? store.size <= FIRST : superblock.log === UNFINISHED;
  }

  /** Puts a volume into a store that has none: `state` hands over the frames of its first state. */
  static create(store: HostStore, state: Frames): VolumeLog | HostError {
    const made = new VolumeLog(store);
    return made.mark() ?? made.writeWhole(state, FIRST) ?? made.point() ?? made;
  }

  /** Opens the volume in a store, and hands over the records of each batch. Nothing is written. */
  static open(store: HostStore, take: (records: Uint8Array) => void): VolumeLog | Damage | HostError {
    const superblock = newest(store);
    if (superblock === undefined) return new Damage("neither of its superblocks can be read");
    if (superblock.format !== FORMAT)
      return new Damage(`it has format ${superblock.format}, and this Drupe reads format ${FORMAT}`);
    const log = new VolumeLog(store);
    log.adopt(superblock);
    return log.readAll(take) ?? log;
  }

  /** Whether most of the log may be history, and writing it anew was not tried in vain a short while ago. */
  get isLong(): boolean {
    return this.length > Math.max(2 * this.snapshot, this.lengthInVain) + SLACK;
  }

  private get length(): number {
    return this.end - this.start;
  }

  /** Whether something was written that was not flushed. */
  get isBehind(): boolean {
    return this.durable < this.end;
  }

  /** Whether the superblocks say that all of it is safe. */
  get isSealed(): boolean {
    return this.sealed === this.end;
  }

  /** Adds batches: all of them, or none if there is no room. */
  add(changes: Frames): HostError | undefined {
    const { end, last } = this;
    const refused = this.appendAll(changes);
    if (refused !== undefined) {
      this.end = end;
      this.last = last;
    }
    return refused;
  }

  private appendAll(frames: Frames): HostError | undefined {
    let refused: HostError | undefined;
    frames((frame) => {
      refused ??= this.failure ?? this.append(frame);
    });
    return refused;
  }

  /** Adds a batch. The first {@link HEAD_BYTES} of the frame are the log's to fill in. */
  private append(frame: Uint8Array): HostError | undefined {
    const view = new DataView(frame.buffer, frame.byteOffset);
    const { last: previous, number: log, length: at } = this;
    const length = frame.length - HEAD_BYTES;
    const durable = this.durable - this.start;
    batchLayout.write(view, 0, { magic: BATCH_MAGIC, checksum: 0, previous, log, at, durable, length });
    const checksum = batchChecksum(frame);
    view.setUint32(batchLayout.offsets.checksum, checksum, true);
    const refused = this.store.write(frame, this.end);
    if (refused !== undefined) return refused;
    this.last = checksum;
    this.end += roundUp(frame.length, ALIGN);
    return undefined;
  }

  /** Makes all safe that was added. Where that fails once, hosts may have dropped what they could not write: it is not tried again. */
  flush(): HostError | undefined {
    this.failure ??= this.store.flush();
    if (this.failure === undefined) this.durable = this.end;
    return this.failure;
  }

  /** Notes in the superblocks what is safe: whatever gets lost of it later was no crash. */
  seal(): HostError | undefined {
    return this.failure ?? this.point();
  }

  /**
   * Writes the log anew: frames that lead from nothing to the present state. They need room beside this log, which is not
   * to be used any more if there is another one.
   */
  rewrite(state: Frames): VolumeLog | HostError {
    const anew = new VolumeLog(this.store);
    anew.sequence = this.sequence;
    anew.number = this.number + this.attempts++;
    const refused = this.failure ?? anew.writeWhole(state, this.end);
    if (refused !== undefined) {
      this.lengthInVain = this.length;
      this.store.truncate(this.end);
      return refused;
    }
    this.failure = anew.point();
    if (this.failure !== undefined) return this.failure;
    anew.moveToFront();
    return anew;
  }

  private writeWhole(state: Frames, start: number): HostError | undefined {
    this.number++;
    this.start = start;
    this.end = start;
    this.durable = start;
    const refused = this.appendAll(state);
    this.snapshot = this.end - start;
    return refused ?? this.flush();
  }

  /** Moves the log to where the older one was. If that fails it is as good where it is. */
  private moveToFront(): void {
    const { store, start, length } = this;
    if (length > start - FIRST) return;
    const piece = new Uint8Array(Math.min(PIECE, length));
    for (let done = 0; done < length; ) {
      const part = piece.subarray(0, length - done);
      const count = store.read(part, start + done);
      if (count instanceof HostError) return;
      // What fills the last batch up is not in the store.
      if (count === 0) break;
      if (store.write(part.subarray(0, count), FIRST + done) !== undefined) return;
      done += count;
    }
    if (store.flush() !== undefined) return;
    this.start = FIRST;
    this.end = FIRST + length;
    this.durable = this.end;
    if (this.point() === undefined) store.truncate(this.end);
  }

  /** Says that a volume is about to be made: what a crash leaves of that is no damaged one. */
  private mark(): HostError | undefined {
    return this.store.write(this.superblock(this.sequence), SLOTS[0]) ?? this.store.flush();
  }

  /** Makes both superblocks name the log, one after the other. After a failure nobody knows which one is named. */
  private point(): HostError | undefined {
    for (let i = 0; i < SLOTS.length && this.failure === undefined; i++) {
      const bytes = this.superblock(++this.sequence);
      this.failure = this.store.write(bytes, SLOTS[this.sequence % SLOTS.length]!) ?? this.store.flush();
    }
    if (this.failure === undefined) this.sealed = this.durable;
    return this.failure;
  }

  private superblock(sequence: number): Uint8Array {
    const { number: log, start, snapshot, durable } = this;
    const bytes = new Uint8Array(superblockLayout.size);
    const view = new DataView(bytes.buffer);
    const place = { log, start, snapshot, safe: durable - start };
    superblockLayout.write(view, 0, { magic: MAGIC, format: FORMAT, sequence, checksum: 0, ...place });
    view.setUint32(superblockLayout.offsets.checksum, superblockChecksum(bytes), true);
    return bytes;
  }

  private adopt({ sequence, log, start, snapshot, safe }: Superblock): void {
    this.sequence = sequence;
    this.number = log;
    this.start = start;
    this.end = start;
    this.durable = start;
    this.sealed = start + safe;
    this.snapshot = snapshot;
  }

  private readAll(take: (records: Uint8Array) => void): Damage | HostError | undefined {
    for (;;) {
      const frame = this.frameAt(this.end);
      if (frame instanceof HostError) return frame;
      if (frame === undefined) break;
      const { previous, checksum, durable } = batchOf(frame);
      if (previous !== this.last) break;
      take(frame.subarray(HEAD_BYTES));
      this.last = checksum;
      this.durable = this.start + durable;
      this.end += roundUp(frame.length, ALIGN);
    }
    this.durable = Math.max(this.durable, this.sealed);
    const lost = this.end < this.durable || this.wasSafe(this.end);
    return lost ? new Damage(`what was kept at byte ${this.end} is not there any more`) : undefined;
  }

  /** The batch at a place with its head; undefined if there is none that is whole and of this log. */
  private frameAt(place: number): Uint8Array | undefined | HostError {
    const { store } = this;
    const head = new Uint8Array(HEAD_BYTES);
    const count = store.read(head, place);
    if (count instanceof HostError) return count;
    const { magic, log, at, length, checksum } = batchOf(head);
    if (count < HEAD_BYTES || magic !== BATCH_MAGIC || log !== this.number) return undefined;
    if (this.start + at !== place || place + HEAD_BYTES + length > store.size) return undefined;
    const frame = new Uint8Array(HEAD_BYTES + length);
    const whole = store.read(frame, place);
    if (whole instanceof HostError) return whole;
    return whole === frame.length && batchChecksum(frame) === checksum ? frame : undefined;
  }

  /** Whether a batch farther on knows that something from `place` on had been flushed. */
  private wasSafe(place: number): boolean {
    const { store } = this;
    const piece = new Uint8Array(PIECE);
    const view = new DataView(piece.buffer);
    for (let at = place + ALIGN; at < store.size; at += PIECE) {
      const count = store.read(piece, at);
      if (count instanceof HostError) return false;
      for (let i = 0; i + 4 <= count; i += ALIGN) {
        if (view.getUint32(i, true) !== BATCH_MAGIC) continue;
        const frame = this.frameAt(at + i);
        if (frame instanceof Uint8Array && this.start + batchOf(frame).durable > place) return true;
      }
    }
    return false;
  }
}

function batchOf(frame: Uint8Array): ReturnType<typeof batchLayout.read> {
  return batchLayout.read(new DataView(frame.buffer, frame.byteOffset), 0);
}

/** Over all that comes behind the checksum itself. */
function batchChecksum(frame: Uint8Array): number {
  return crc32(frame.subarray(batchLayout.offsets.previous));
}

function superblockChecksum(bytes: Uint8Array): number {
  return crc32(bytes.subarray(0, superblockLayout.offsets.checksum));
}

/** The superblock that counts; undefined if none can be read. */
function newest(store: HostStore): Superblock | undefined {
  let found: Superblock | undefined;
  for (const slot of SLOTS) {
    const bytes = new Uint8Array(superblockLayout.size);
    if (store.read(bytes, slot) !== bytes.length) continue;
    const superblock = superblockLayout.read(new DataView(bytes.buffer), 0);
    if (superblock.checksum !== superblockChecksum(bytes) || !superblock.magic.every((c, i) => c === MAGIC[i]))
      continue;
    if (found === undefined || superblock.sequence > found.sequence) found = superblock;
  }
  return found;
}
