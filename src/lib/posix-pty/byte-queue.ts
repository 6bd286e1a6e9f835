/** Bytes on their way, in the chunks in which they came. */
export class ByteQueue {
  private chunks: Uint8Array[] = [];
  length = 0;

  /** Adds bytes, which nobody changes afterwards. */
  add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.chunks.push(bytes);
    this.length += bytes.length;
  }

  /** Takes as many bytes as there is room for, and tells how many. */
  take(into: Uint8Array): number {
    let taken = 0;
    for (let [first] = this.chunks; first !== undefined && taken < into.length; [first] = this.chunks) {
      const part = first.subarray(0, into.length - taken);
      into.set(part, taken);
      taken += part.length;
      if (part.length === first.length) this.chunks.shift();
      else this.chunks[0] = first.subarray(part.length);
    }
    this.length -= taken;
    return taken;
  }
}
