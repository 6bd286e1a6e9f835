/**
 * Unpacked archives, each under the SHA-256 of the archive it came from.
 *
 * An unpacked archive is two files: `data`, all bodies one after the other, and `index.json`, the records with the
 * ranges. To open one costs a JSON.parse; a body costs one pread(2) when the guest wants it.
 */
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { ArchiveRecord, DataSink } from "../archive/tar.ts";
import { ImageError } from "../image-error.ts";
import type { RootBuilder, RootEntry } from "../root-tree.ts";
import { publishDirectory, sweep, temporaryIn } from "./atomic.ts";

/** Raised when the meaning of the two files changes; older ones are then made anew. */
const FORMAT = 1;

interface StoredIndex {
  readonly format: number;
  readonly dataBytes: number;
  readonly records: readonly ArchiveRecord[];
  readonly notes: unknown;
}

/** What filling gives besides the data: the records, and what else the source wants to remember (plain JSON). */
export interface Unpacked<Notes> {
  readonly records: readonly ArchiveRecord[];
  readonly notes: Notes;
}

/** The store of one kind of archive, in a directory of its own; `Notes` is what it keeps with each. */
export class UnpackedStore<Notes> {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Opens what was unpacked before; undefined if it is missing or of another format. */
  open(sha256: string): UnpackedArchive<Notes> | undefined {
    const home = join(this.#directory, sha256);
    let index: StoredIndex;
    try {
      index = JSON.parse(readFileSync(join(home, "index.json"), "utf8")) as StoredIndex;
    } catch {
      return undefined;
    }
    const data = join(home, "data");
    if (index.format !== FORMAT || statSync(data, { throwIfNoEntry: false })?.size !== index.dataBytes)
      return undefined;
    return new UnpackedArchive(data, { records: index.records, notes: index.notes as Notes });
  }

  /** Unpacks by `fill` and keeps the result. Nothing is kept if `fill` fails or throws. */
  async make(
    sha256: string,
    fill: (sink: DataSink) => Promise<Unpacked<Notes> | ImageError>,
  ): Promise<UnpackedArchive<Notes> | ImageError> {
    const temporary = temporaryIn(this.#directory);
    sweep(this.#directory);
    mkdirSync(temporary, { mode: 0o700 });
    try {
      const failed = await fillDirectory(temporary, fill);
      if (failed !== undefined) return failed;
      const home = join(this.#directory, sha256);
      if (!publishDirectory(temporary, home) && this.open(sha256) === undefined) {
        // What stands there is damaged or of another format.
        rmSync(home, { recursive: true, force: true });
        publishDirectory(temporary, home);
      }
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
    return (
      this.open(sha256) ??
      new ImageError(
        `the cache ${this.#directory} does not keep what is written to it`,
        "Check its disk, or set DRUPE_CACHE.",
      )
    );
  }
}

async function fillDirectory<Notes>(
  directory: string,
  fill: (sink: DataSink) => Promise<Unpacked<Notes> | ImageError>,
): Promise<ImageError | undefined> {
  const sink = new FileSink(join(directory, "data"));
  try {
    const unpacked = await fill(sink);
    if (unpacked instanceof ImageError) return unpacked;
    const index: StoredIndex = { format: FORMAT, dataBytes: sink.length, ...unpacked };
    writeFileSync(join(directory, "index.json"), JSON.stringify(index));
    return undefined;
  } finally {
    sink.close();
  }
}

class FileSink implements DataSink {
  length = 0;
  readonly #fd: number;

  constructor(path: string) {
    this.#fd = openSync(path, "wx", 0o600);
  }

  write(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) at += writeSync(this.#fd, chunk, at, chunk.length - at);
    this.length += chunk.length;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Bodies kept in memory, for members that are read at once. */
export class MemorySink implements DataSink {
  length = 0;
  readonly #chunks: Uint8Array[] = [];

  write(chunk: Uint8Array): void {
    this.#chunks.push(chunk.slice());
    this.length += chunk.length;
  }

  range(offset: number, size: number): Uint8Array {
    return Buffer.concat(this.#chunks).subarray(offset, offset + size);
  }

  text(encoding: "utf8" | "latin1"): string {
    return Buffer.concat(this.#chunks).toString(encoding);
  }
}

/** An unpacked archive; its data file is opened at the first body, so that most never are. */
export class UnpackedArchive<Notes> {
  readonly records: readonly ArchiveRecord[];
  readonly notes: Notes;
  readonly #data: string;
  #fd: number | undefined;

  constructor(data: string, unpacked: Unpacked<Notes>) {
    this.records = unpacked.records;
    this.notes = unpacked.notes;
    this.#data = data;
  }

  /** Lays the archive's files into a tree. */
  addTo(builder: RootBuilder): ImageError | undefined {
    for (const record of this.records) {
      const failed =
        record.type === "link"
          ? builder.link(record.path, record.target)
          : builder.add(record.path, this.#entryOf(record));
      if (failed !== undefined) return failed;
    }
    return undefined;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #entryOf(record: Exclude<ArchiveRecord, { type: "link" }>): RootEntry {
    if (record.type !== "file") return record;
    const { mode, uid, gid, mtime, offset, size } = record;
    return { type: "file", mode, uid, gid, mtime, size, read: () => this.#read(offset, size) };
  }

  #read(offset: number, size: number): Uint8Array {
    this.#fd ??= openSync(this.#data, "r");
    const body = new Uint8Array(size);
    for (let at = 0; at < size; ) {
      const got = readSync(this.#fd, body, at, size - at, offset + at);
      if (got === 0) throw new Error(`${this.#data} was cut while it was in use`);
      at += got;
    }
    return body;
  }
}
