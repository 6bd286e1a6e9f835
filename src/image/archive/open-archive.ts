/** `--rootfs FILE`: a root from a tar archive, plain or compressed with gzip, xz or zstd. */
import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { basename, join } from "node:path";
import { UnpackedStore } from "../cache/store.ts";
import { ImageError } from "../image-error.ts";
import { type OnProgress, PhaseMeter } from "../progress.ts";
import { RootBuilder, type RootTree } from "../root-tree.ts";
import type { Chunks } from "./decompress.ts";
import { type ArchiveLimits, DEFAULT_LIMITS } from "./limits.ts";
import type { ArchiveRecord, DataSink } from "./tar.ts";

export interface ArchiveOptions {
  readonly cacheDir: string;
  readonly limits?: ArchiveLimits | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** Unpacks an archive into the cache, under the hash of its bytes, unless it is there already. */
export async function openArchive(path: string, options: ArchiveOptions): Promise<RootTree | ImageError> {
  const store = new UnpackedStore<null>(join(options.cacheDir, "archives"));
  const sha256 = await hashOf(path);
  const archive =
    store.open(sha256) ??
    (await store.make(sha256, async (sink) => {
      const records = await unpack(path, sink, options);
      return records instanceof ImageError ? records : { records, notes: null };
    }));
  if (archive instanceof ImageError) return archive;
  const builder = new RootBuilder();
  return archive.addTo(builder) ?? builder.finish(undefined, () => archive.close());
}

async function unpack(path: string, sink: DataSink, options: ArchiveOptions): Promise<ArchiveRecord[] | ImageError> {
  // Decoders are loaded only when there is something to unpack.
  const [{ decompress }, { unpackTar }] = await Promise.all([import("./decompress.ts"), import("./tar.ts")]);
  const name = basename(path);
  const meter = new PhaseMeter("unpack", statSync(path).size, options.onProgress ?? (() => undefined));
  const plain = decompress(counted(createReadStream(path), name, meter));
  return unpackTar(name, plain, sink, options.limits ?? DEFAULT_LIMITS);
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest("hex");
}

async function* counted(source: Chunks, name: string, meter: PhaseMeter): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    meter.advance(name, chunk.length);
    yield chunk;
  }
}
