/**
 * The file format of images: magic, format version and length of the manifest, the manifest as JSON in ASCII, blobs.
 */
import { type Blob, IMAGE_FORMAT, type Manifest } from "./manifest.ts";

const MAGIC = "drupe image\n";
const HEAD_BYTES = MAGIC.length + 8;

/** Where an image's bytes come from: read when they are asked for. */
export interface ImageSource {
  readonly size: number;
  /** Fewer bytes than asked for only at the end. */
  read(offset: number, length: number): Uint8Array<ArrayBuffer>;
  /** Unpacks what a blob says is packed. */
  unpack(
    bytes: Uint8Array<ArrayBuffer>,
    size: number,
    packing: Exclude<Blob["packing"], "plain">,
  ): Uint8Array<ArrayBuffer>;
}

/** An image that was opened; the bytes of its blobs are read one by one. */
export interface OpenImage {
  readonly manifest: Manifest;
  /** The bytes of a blob, by number. */
  blob(index: number): Uint8Array<ArrayBuffer>;
}

/** Writes an image; the same input gives the same bytes. */
export function encodeImage(manifest: Manifest, blobs: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const json = JSON.stringify(manifest).replace(
    /[\u007f-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const start = HEAD_BYTES + json.length;
  const bytes = new Uint8Array(start + blobs.reduce((sum, { length }) => sum + length, 0));
  for (const [i, char] of [...MAGIC].entries()) bytes[i] = char.charCodeAt(0);
  const view = new DataView(bytes.buffer);
  view.setUint32(MAGIC.length, IMAGE_FORMAT, true);
  view.setUint32(MAGIC.length + 4, json.length, true);
  for (let i = 0; i < json.length; i++) bytes[HEAD_BYTES + i] = json.charCodeAt(i);
  let at = start;
  for (const blob of blobs) {
    bytes.set(blob, at);
    at += blob.length;
  }
  return bytes;
}

/** Whether bytes begin like an image. */
export function isImage(head: Uint8Array): boolean {
  return [...MAGIC].every((char, i) => head[i] === char.charCodeAt(0));
}

/**
 * Opens an image; a sentence says what is wrong with one that cannot be.
 *
 * @param check - looks at the manifest of an image that somebody else may have made; see `isManifest`.
 */
export function openImage(
  source: ImageSource,
  check?: (manifest: unknown, bytes: number) => boolean,
): OpenImage | string {
  const head = source.read(0, HEAD_BYTES);
  if (!isImage(head)) return "it is not an image of Drupe's";
  if (head.length < HEAD_BYTES) return "the file is cut short";
  const view = new DataView(head.buffer, head.byteOffset);
  const format = view.getUint32(MAGIC.length, true);
  if (format !== IMAGE_FORMAT) return `it has format ${format}, and this Drupe reads format ${IMAGE_FORMAT}`;
  const length = view.getUint32(MAGIC.length + 4, true);
  const manifest = parse(source.read(HEAD_BYTES, length), length);
  const start = HEAD_BYTES + length;
  if (manifest === undefined || check?.(manifest, source.size - start) === false) {
    return "the file is damaged, or cut short";
  }
  const end = manifest.blobs.reduce((high, { offset, stored }) => Math.max(high, offset + stored), 0);
  if (start + end > source.size) return "the file is cut short";
  return { manifest, blob: (index) => readBlob(source, start, manifest.blobs[index]) };
}

function parse(bytes: Uint8Array, length: number): Manifest | undefined {
  if (bytes.length < length) return undefined;
  try {
    let text = "";
    for (let at = 0; at < length; at += 4096) {
      text += String.fromCharCode.apply(null, bytes.subarray(at, at + 4096) as unknown as number[]);
    }
    return JSON.parse(text) as Manifest;
  } catch {
    return undefined;
  }
}

function readBlob(source: ImageSource, start: number, blob: Blob | undefined): Uint8Array<ArrayBuffer> {
  if (blob === undefined) throw new Error("the image names bytes that it does not have");
  const bytes = source.read(start + blob.offset, blob.stored);
  return blob.packing === "plain" ? bytes : source.unpack(bytes, blob.size, blob.packing);
}
