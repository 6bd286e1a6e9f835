/** Bytes of a module's head: magic and version. */
const HEAD = 8;
const CUSTOM = 0;

/** Leaves the custom sections of a WebAssembly module out: names are for profilers (core specification, "Modules"). */
export function withoutNames(wasm: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const kept: Uint8Array[] = [wasm.subarray(0, HEAD)];
  for (let at = HEAD; at < wasm.length; ) {
    const { value, next } = readU32(wasm, at + 1);
    const end = next + value;
    if (wasm[at] !== CUSTOM) kept.push(wasm.subarray(at, end));
    at = end;
  }
  const bytes = new Uint8Array(kept.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of kept) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Reads an unsigned LEB128 number. */
function readU32(bytes: Uint8Array, from: number): { readonly value: number; readonly next: number } {
  let value = 0;
  let at = from;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]!;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value: value >>> 0, next: at };
  }
}
