import { createHash } from "node:crypto";
import { brotliCompressSync, constants, deflateRawSync } from "node:zlib";
import type { Blob } from "../../entry/manifest.ts";

/** How hard bytes are packed: not at all, quickly, or as small as can be. */
export type Packing = "none" | "fast" | "best";

/** With what bytes are packed: see {@link Blob.packing}. */
export type Packer = Exclude<Blob["packing"], "plain">;

type Effort = Exclude<Packing, "none">;

const BROTLI_QUALITY: Readonly<Record<Effort, number>> = { fast: 5, best: 11 };
const DEFLATE_LEVEL: Readonly<Record<Effort, number>> = { fast: 6, best: 9 };

const PACKERS: Readonly<Record<Packer, (content: Uint8Array, effort: Effort) => Uint8Array>> = {
  brotli: (content, effort) => brotli(content, BROTLI_QUALITY[effort]),
  deflate: (content, effort) => deflateRawSync(content, { level: DEFLATE_LEVEL[effort] }),
};

/** Takes bytes, and gives each content a number. */
export interface BlobSink {
  /** @param often - whether each start of the image wants them, and had better not unpack them: that takes 4 ms a megabyte. */
  add(content: Uint8Array, often?: boolean): number;
}

/** Collects the bytes of an image, each once. */
export class BlobWriter implements BlobSink {
  readonly bytes: Uint8Array[] = [];
  readonly table: Blob[] = [];
  private readonly packing: Packing;
  private readonly packer: Packer;
  private readonly known = new Map<string, number>();
  private length = 0;

  constructor(packing: Packing, packer: Packer = "brotli") {
    this.packing = packing;
    this.packer = packer;
  }

  /** Adds bytes; answers their number. A page is downloaded more often than it is started. */
  add(content: Uint8Array, often = false): number {
    const digest = createHash("sha256").update(content).digest("hex");
    const before = this.known.get(digest);
    if (before !== undefined) return before;
    const asIs = often && this.packing === "fast" && this.packer === "brotli";
    const packed = this.packing === "none" || asIs ? content : PACKERS[this.packer](content, this.packing);
    const smaller = packed.length < content.length;
    const stored = smaller ? packed : content;
    const index = this.table.push({
      offset: this.length,
      stored: stored.length,
      size: content.length,
      packing: smaller ? this.packer : "plain",
    });
    this.bytes.push(stored);
    this.length += stored.length;
    this.known.set(digest, index - 1);
    return index - 1;
  }
}

function brotli(content: Uint8Array, quality: number): Uint8Array {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: quality,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
  };
  return brotliCompressSync(content, { params });
}
