/** Bytes per block; a queue that is empty keeps none. */
const BLOCK = 65_536;
const FIRST_BLOCK = 4096;

/** Bytes in the order in which they came: each is copied in once and out once. */
export class ByteQueue {
  /** Blocks with bytes; the first from `start` on, the last up to `end`. */
  private readonly blocks: Uint8Array[] = [];
  private start = 0;
  private end = 0;
  private size = 0;

  get length(): number {
    return this.size;
  }

  push(bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) {
      const last = this.blocks.at(-1);
      if (last === undefined || this.end === last.length) {
        const wanted = Math.max(bytes.length - done, last === undefined ? FIRST_BLOCK : BLOCK);
        this.blocks.push(new Uint8Array(Math.min(wanted, BLOCK)));
        if (last === undefined) this.start = 0;
        this.end = 0;
        continue;
      }
      const part = Math.min(bytes.length - done, last.length - this.end);
      last.set(bytes.subarray(done, done + part), this.end);
      this.end += part;
      done += part;
    }
    this.size += bytes.length;
  }

  /** Copies the first bytes, and leaves them where they are; returns how many. */
  peek(into: Uint8Array): number {
    const length = Math.min(into.length, this.size);
    let done = 0;
    for (const [index, block] of this.blocks.entries()) {
      if (done === length) break;
      const from = index === 0 ? this.start : 0;
      const part = Math.min(length - done, block.length - from);
      into.set(block.subarray(from, from + part), done);
      done += part;
    }
    return length;
  }

  /** Copies the first bytes and takes them out; returns how many. */
  shift(into: Uint8Array): number {
    const length = this.peek(into);
    this.drop(length);
    return length;
  }

  /** Takes out the first bytes. */
  drop(length: number): void {
    let left = Math.min(length, this.size);
    this.size -= left;
    while (left > 0) {
      const first = this.blocks[0]!;
      const part = Math.min(left, first.length - this.start);
      this.start += part;
      left -= part;
      if (this.start < first.length) continue;
      this.blocks.shift();
      this.start = 0;
    }
    if (this.size === 0) this.clear();
  }

  clear(): void {
    this.blocks.length = 0;
    this.start = 0;
    this.end = 0;
    this.size = 0;
  }
}
