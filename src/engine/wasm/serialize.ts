/** Translations as bytes for a store: a JSON head of known length, then the module. */
import { byteString } from "../../base/bytes.ts";
import type { Translation } from "../../translate/index.ts";

type Head = Omit<Translation, "wasm">;

const LENGTH_BYTES = 4;

/** Names are ASCII in the module too; whatever else they hold is escaped by JSON. */
export function encodeTranslation({ wasm, ...head }: Translation): Uint8Array {
  const text = JSON.stringify(head).replace(
    /[\u0080-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const bytes = new Uint8Array(LENGTH_BYTES + text.length + wasm.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  for (let i = 0; i < text.length; i++) bytes[LENGTH_BYTES + i] = text.charCodeAt(i);
  bytes.set(wasm, LENGTH_BYTES + text.length);
  return bytes;
}

/** The translation, or undefined if the bytes are not one: then it is made anew. */
export function decodeTranslation(bytes: Uint8Array<ArrayBuffer>): Translation | undefined {
  if (bytes.length < LENGTH_BYTES) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (length > bytes.length - LENGTH_BYTES) return undefined;
  const text = byteString(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
  try {
    return { ...(JSON.parse(text) as Head), wasm: bytes.slice(LENGTH_BYTES + length) };
  } catch {
    return undefined;
  }
}
