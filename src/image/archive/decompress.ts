/** Compressed bytes in, plain bytes out: gzip, xz and zstd, told apart by their first bytes and never by a name. */
import { pipeline, Readable, Transform, type TransformCallback } from "node:stream";
import { ReadableStream as WebStream } from "node:stream/web";
import { createGunzip } from "node:zlib";
import { Decompress as ZstdDecoder } from "fzstd";
import xz from "xz-decompress";

export type Chunks = AsyncIterable<Uint8Array>;

type Compression = "none" | "gzip" | "xz" | "zstd";

const MAGICS: readonly (readonly [Exclude<Compression, "none">, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]], // RFC 1952, 2.3.1
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]], // The .xz File Format, 2.1.1.1
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]], // RFC 8878, 3.1.1
];

const LONGEST_MAGIC = 6;

/** Which compression a stream with this beginning has. */
export function compressionOf(head: Uint8Array): Compression {
  for (const [name, magic] of MAGICS) if (magic.every((byte, i) => head[i] === byte)) return name;
  return "none";
}

/**
 * Decompresses a stream, or hands plain bytes through.
 *
 * Throws on damaged or truncated data while it is read. Check sums are verified for gzip and xz; the zstd decoder
 * verifies structure, not the optional xxHash of a frame.
 */
export async function* decompress(source: Chunks): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    const head = await take(iterator, LONGEST_MAGIC);
    yield* decoderFor(compressionOf(head), rest(head, iterator));
  } finally {
    await iterator.return?.();
  }
}

function decoderFor(compression: Compression, source: Chunks): Chunks {
  switch (compression) {
    case "none":
      return source;
    case "gzip":
      return through(source, createGunzip());
    case "zstd":
      return through(source, zstdTransform());
    case "xz":
      return unxz(source);
  }
}

function through(source: Chunks, transform: Transform): Chunks {
  // The reader of `transform` meets the error; the callback only keeps pipeline() from throwing it again.
  return pipeline(Readable.from(source, { objectMode: false }), transform, () => undefined);
}

async function* unxz(source: Chunks): AsyncGenerator<Uint8Array> {
  try {
    yield* new xz.XzReadableStream(WebStream.from(source) as ReadableStream<Uint8Array>) as unknown as Chunks;
  } catch (thrown) {
    const code = /error code (\d+)/.exec(String(thrown))?.[1];
    const reason = code && XZ_ERRORS[code];
    throw reason ? new Error(reason) : thrown;
  }
}

/** What enum xz_ret of XZ Embedded (linux/include/linux/xz.h) says of the data. */
const XZ_ERRORS: Readonly<Record<string, string>> = {
  3: "too little memory for its xz dictionary",
  5: "not the xz format",
  6: "an xz filter or option that is not supported",
  7: "damaged xz data",
  8: "truncated xz data",
};

function zstdTransform(): Transform {
  const decoder = new ZstdDecoder();
  const step = (self: Transform, done: TransformCallback, chunk: Uint8Array, last: boolean) => {
    decoder.ondata = (data) => void self.push(data);
    try {
      decoder.push(chunk, last);
      done();
    } catch (thrown) {
      done(thrown as Error);
    }
  };
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      step(this, done, chunk, false);
    },
    flush(done) {
      step(this, done, new Uint8Array(0), true);
    },
  });
}

/** Reads until at least `length` bytes are there or the source ends. */
async function take(iterator: AsyncIterator<Uint8Array>, length: number): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < length) {
    const next = await iterator.next();
    if (next.done) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return head;
}

async function* rest(head: Uint8Array, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
}
