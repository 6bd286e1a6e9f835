import { inflateSync } from "fflate";

/** Unpacks raw deflate: what browsers have of their own for that answers later, and the bytes are needed at once. */
export function inflate(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  return inflateSync(bytes, { out: new Uint8Array(size) }) as Uint8Array<ArrayBuffer>;
}
