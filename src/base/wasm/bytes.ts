/** A growable byte buffer with the LEB128 encodings of the WebAssembly binary format (core specification 5.2). */
export class ByteWriter {
  private buffer: Uint8Array;
  /** Number of bytes written so far. */
  length = 0;

  constructor(capacity = 256) {
    this.buffer = new Uint8Array(capacity);
  }

  byte(value: number): this {
    if (this.length === this.buffer.length) this.grow(1);
    this.buffer[this.length++] = value;
    return this;
  }

  /** A byte and an unsigned LEB128: what most instructions are. */
  byteAndU32(value: number, immediate: number): this {
    if (immediate > 0x7f || this.length + 2 > this.buffer.length) return this.byte(value).u32(immediate);
    this.buffer[this.length++] = value;
    this.buffer[this.length++] = immediate;
    return this;
  }

  bytes(values: ArrayLike<number>): this {
    this.grow(values.length);
    this.buffer.set(values, this.length);
    this.length += values.length;
    return this;
  }

  /** Unsigned LEB128 of an integer below 2^32. */
  u32(value: number): this {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    return this.byte(rest);
  }

  /** Unsigned LEB128 of exactly `width` bytes, so that it can be patched in place. */
  paddedU32(value: number, width: number): this {
    let rest = value >>> 0;
    for (let left = width; left > 1; left--) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    if (rest > 0x7f) throw new RangeError(`${value} does not fit a ${width}-byte LEB128`);
    return this.byte(rest);
  }

  /** Signed LEB128 of a 32-bit integer. */
  s32(value: number): this {
    let rest = value | 0;
    for (;;) {
      const low = rest & 0x7f;
      rest >>= 7;
      if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return this.byte(low);
      this.byte(low | 0x80);
    }
  }

  /** Signed LEB128 of a 64-bit integer; a number must be exact. */
  s64(value: bigint | number): this {
    if (typeof value === "number") return (value | 0) === value ? this.s32(value) : this.s64(BigInt(value));
    if (value >= -0x8000_0000n && value < 0x8000_0000n) return this.s32(Number(value));
    let rest = BigInt.asIntN(64, value);
    for (;;) {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      if ((rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0)) return this.byte(low);
      this.byte(low | 0x80);
    }
  }

  /** A name: its length in bytes, then its characters, which must be ASCII (others become "?"). */
  name(text: string): this {
    this.u32(text.length);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      this.byte(code < 0x80 ? code : 0x3f);
    }
    return this;
  }

  /** Appends another writer's bytes, preceded by their length. */
  sized(body: ByteWriter): this {
    return this.u32(body.length).bytes(body.view());
  }

  /** Overwrites one byte that was written before. */
  patch(offset: number, value: number): void {
    this.buffer[offset] = value;
  }

  /** The bytes written so far, without a copy; valid until the next write. */
  view(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  /** A copy of the bytes written so far. */
  take(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.view());
  }

  private grow(by: number): void {
    if (this.length + by <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(this.buffer.length * 2, this.length + by));
    larger.set(this.view());
    this.buffer = larger;
  }
}
