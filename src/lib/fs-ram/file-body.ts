/** Bytes of a chunk: the unit in which a file in memory takes space. */
const CHUNK = 0x1_0000;

/** Takes bytes from a file system's room and gives them back; `take` answers whether there was room. */
export interface Room {
  take(bytes: number): boolean;
  give(bytes: number): void;
}

/**
 * The contents of a regular file in memory.
 *
 * A file that came with the root is read from its source when it is first asked for, and not copied: a chunk takes space only once
 * it is written. A chunk that was never written and lies beyond the source is a hole.
 */
export class FileBody {
  private readonly chunks = new Map<number, Uint8Array>();
  private readonly room: Room;
  private source: (() => Uint8Array) | undefined;
  private loaded: Uint8Array | undefined;
  /** Bytes of the source that still count: truncation hides the others for good. */
  private sourceSize: number;
  size: number;

  constructor(room: Room, source?: { readonly size: number; read(): Uint8Array }) {
    this.room = room;
    this.source = source === undefined ? undefined : () => source.read();
    this.sourceSize = source?.size ?? 0;
    this.size = this.sourceSize;
  }

  /** Bytes of memory taken by what was written. */
  get allocated(): number {
    return this.chunks.size * CHUNK + this.sourceSize;
  }

  read(into: Uint8Array, position: number): number {
    const length = Math.max(0, Math.min(into.length, this.size - position));
    for (let done = 0; done < length; ) {
      const at = position + done;
      const offset = at % CHUNK;
      const count = Math.min(CHUNK - offset, length - done);
      this.readWithin((at - offset) / CHUNK, offset, into.subarray(done, done + count));
      done += count;
    }
    return length;
  }

  /** Writes what there is room for, and answers how much that was. */
  write(from: Uint8Array, position: number): number {
    for (let done = 0; done < from.length; ) {
      const at = position + done;
      const offset = at % CHUNK;
      const count = Math.min(CHUNK - offset, from.length - done);
      const chunk = this.writable((at - offset) / CHUNK);
      if (chunk === undefined) return done;
      chunk.set(from.subarray(done, done + count), offset);
      done += count;
      this.size = Math.max(this.size, at + count);
    }
    return from.length;
  }

  truncate(size: number): void {
    if (size < this.size) {
      this.sourceSize = Math.min(this.sourceSize, size);
      for (const index of [...this.chunks.keys()]) if (index * CHUNK >= size) this.drop(index);
      // What a later extension uncovers must be zero.
      this.chunks.get(Math.floor(size / CHUNK))?.fill(0, size % CHUNK);
    }
    this.size = size;
  }

  /** Makes a range read zero, and gives back the chunks that lie within it wholly. */
  punch(start: number, end: number): boolean {
    const last = Math.min(end, this.size);
    for (let at = start; at < last; ) {
      const index = Math.floor(at / CHUNK);
      const next = Math.min((index + 1) * CHUNK, last);
      const whole = at % CHUNK === 0 && (next % CHUNK === 0 || next === this.size);
      if (whole && at >= this.sourceSize) this.drop(index);
      else {
        const chunk = this.writable(index);
        if (chunk === undefined) return false;
        chunk.fill(0, at - index * CHUNK, next - index * CHUNK);
      }
      at = next;
    }
    return true;
  }

  /** Takes the space of a range beforehand; false if there is not enough. */
  reserve(start: number, end: number): boolean {
    for (let index = Math.floor(start / CHUNK); index * CHUNK < end; index++) {
      if (index * CHUNK >= this.sourceSize && this.writable(index) === undefined) return false;
    }
    return true;
  }

  /** The first byte from `offset` on that is no hole, or the size. */
  nextData(offset: number): number {
    return this.scan(offset, (index) => this.isData(index));
  }

  /** The first byte from `offset` on that lies in a hole, or the size. */
  nextHole(offset: number): number {
    return this.scan(offset, (index) => !this.isData(index));
  }

  release(): void {
    this.room.give(this.chunks.size * CHUNK);
    this.chunks.clear();
    this.source = undefined;
    this.loaded = undefined;
  }

  private isData(index: number): boolean {
    return this.chunks.has(index) || index * CHUNK < this.sourceSize;
  }

  private scan(offset: number, wanted: (index: number) => boolean): number {
    for (let at = offset; at < this.size; at = (Math.floor(at / CHUNK) + 1) * CHUNK) {
      if (wanted(Math.floor(at / CHUNK))) return at;
    }
    return this.size;
  }

  private readWithin(index: number, offset: number, into: Uint8Array): void {
    const chunk = this.chunks.get(index);
    if (chunk !== undefined) {
      into.set(chunk.subarray(offset, offset + into.length));
      return;
    }
    const start = index * CHUNK + offset;
    const end = Math.min(start + into.length, this.sourceSize);
    const known = end > start ? this.sourceBytes().subarray(start, end) : NOTHING;
    into.set(known);
    into.fill(0, known.length);
  }

  private writable(index: number): Uint8Array | undefined {
    const known = this.chunks.get(index);
    if (known !== undefined) return known;
    if (!this.room.take(CHUNK)) return undefined;
    const made = new Uint8Array(CHUNK);
    this.readWithin(index, 0, made);
    this.chunks.set(index, made);
    return made;
  }

  private drop(index: number): void {
    if (this.chunks.delete(index)) this.room.give(CHUNK);
  }

  private sourceBytes(): Uint8Array {
    this.loaded ??= this.source?.() ?? NOTHING;
    return this.loaded;
  }
}

const NOTHING = new Uint8Array(0);
