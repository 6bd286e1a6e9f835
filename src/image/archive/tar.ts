/**
 * Reads a tar archive into records and one run of bodies.
 *
 * Archives come from strangers. Every name is checked, every length is counted, and a record is made only of what a
 * root file system can hold; anything else ends in an `ImageError`, never in a file outside or a guess.
 */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract, type Headers } from "tar-stream";
import { type ByteString, utf8Encode } from "../../base/bytes.ts";
import { ImageError, isSystemError, reasonOf } from "../image-error.ts";
import { type RootMeta, show } from "../root-tree.ts";
import type { Chunks } from "./decompress.ts";
import type { ArchiveLimits } from "./limits.ts";

/** One member, its body a range of the data written beside. */
export type ArchiveRecord = RootMeta & { readonly path: ByteString } & ArchiveKind;

type ArchiveKind =
  | { readonly type: "file"; readonly offset: number; readonly size: number }
  | { readonly type: "directory" }
  | { readonly type: "fifo" }
  /** As stored. */
  | { readonly type: "symlink"; readonly target: ByteString }
  /** A hard link: a clean path of this archive. */
  | { readonly type: "link"; readonly target: ByteString }
  | { readonly type: "char" | "block"; readonly major: number; readonly minor: number };

/** Where bodies go, one after the other. */
export interface DataSink {
  readonly length: number;
  write(chunk: Uint8Array): void;
}

/** What tar-stream adds to its declared header: the raw pax records of the member. */
type Header = Headers & { readonly pax?: Readonly<Record<string, string>> | null };

/**
 * Reads an uncompressed tar (POSIX ustar and pax, GNU) to its end.
 *
 * Names are bytes, as stored; those in pax records are UTF-8 by definition (pax(1)). `what` names the archive in errors.
 */
export async function unpackTar(
  what: string,
  source: Chunks,
  sink: DataSink,
  limits: ArchiveLimits,
): Promise<ArchiveRecord[] | ImageError> {
  const records: ArchiveRecord[] = [];
  const stop = new AbortController();
  const parser = extract({ filenameEncoding: "latin1" });
  const feeding = pipeline(Readable.from(guard(source, limits), { objectMode: false }), parser, {
    signal: stop.signal,
  });
  // The loop below reports what goes wrong; here it must only not count as unhandled.
  feeding.catch(() => undefined);
  try {
    for await (const entry of parser) {
      if (records.length >= limits.entries) throw tooLarge(`${limits.entries} files`);
      const record = recordOf(entry.header as Header, sink.length);
      if (record instanceof ImageError) throw record;
      for await (const chunk of entry) if (record.type === "file") sink.write(chunk as Uint8Array);
      records.push(record);
    }
    await feeding;
    return records;
  } catch (thrown) {
    stop.abort();
    if (thrown instanceof ImageError) return new ImageError(`${what}: ${thrown.message}`, thrown.cure);
    if (isSystemError(thrown)) throw thrown;
    const reason = reasonOf(thrown).replace(/^Invalid tar header.*/, "a header is damaged, or it is no tar archive");
    return new ImageError(`${what} cannot be read: ${reason}`, "Get it again, or pack it again.");
  }
}

/** Passes a tar through while it counts its bytes and sees that the end marker is there. */
async function* guard(source: Chunks, limits: ArchiveLimits): AsyncGenerator<Uint8Array> {
  let length = 0;
  let zeros = 0;
  for await (const chunk of source) {
    length += chunk.length;
    if (length > limits.bytes) throw tooLarge(`${limits.bytes} bytes`);
    let last = chunk.length;
    while (last > 0 && chunk[last - 1] === 0) last--;
    zeros = last === 0 ? zeros + chunk.length : chunk.length - last;
    if (chunk.length > 0) yield chunk;
  }
  // POSIX pax, "ustar Interchange Format": two blocks of zeros end an archive. Without them one cut between members
  // would pass for a whole one.
  if (zeros < 1024) throw new Error("it is truncated (no end marker)");
}

function tooLarge(limit: string): ImageError {
  return new ImageError(
    `it unpacks to more than ${limit}`,
    "If that is meant, unpack it yourself and pass the directory.",
  );
}

/** Makes a record of a header. "./" is the root directory itself. */
function recordOf(header: Header, offset: number): ArchiveRecord | ImageError {
  const path = cleanPath(pathBytes(header.name, header.pax?.path));
  if (path instanceof ImageError) return path;
  if (header.pax && Object.keys(header.pax).some((key) => key.startsWith("GNU.sparse."))) return unknownType(path);
  const kind = kindOf(path, header, offset);
  if (kind instanceof ImageError) return kind;
  if (path === "" && kind.type !== "directory") return new ImageError("a file has no name", REPACK);
  return {
    path,
    mode: (header.mode ?? 0) & 0o7777,
    uid: header.uid ?? 0,
    gid: header.gid ?? 0,
    mtime: modified(header),
    ...kind,
  };
}

function kindOf(path: ByteString, header: Header, offset: number): ArchiveKind | ImageError {
  switch (header.type) {
    case "file":
    case "contiguous-file":
      return { type: "file", offset, size: header.size ?? 0 };
    case "directory":
    case "fifo":
      return { type: header.type };
    case "character-device":
    case "block-device":
      return {
        type: header.type === "block-device" ? "block" : "char",
        major: header.devmajor ?? 0,
        minor: header.devminor ?? 0,
      };
    case "symlink": {
      const target = pathBytes(header.linkname ?? "", header.pax?.linkpath);
      return target === ""
        ? new ImageError(`the link ${show(path)} has no target`, REPACK)
        : { type: "symlink", target };
    }
    case "link": {
      const target = cleanPath(pathBytes(header.linkname ?? "", header.pax?.linkpath));
      return target instanceof ImageError ? target : { type: "link", target };
    }
    default:
      return unknownType(path);
  }
}

const REPACK = "Pack it again with plain relative names: tar -C DIRECTORY -cf root.tar .";

function unknownType(path: ByteString): ImageError {
  return new ImageError(`${show(path)} is a sparse file or of another kind that is not known`, REPACK);
}

/** tar-stream decodes pax names as UTF-8 and all others byte by byte. */
function pathBytes(name: string, pax: string | undefined): ByteString {
  return pax ? utf8Encode(pax) : (name as ByteString);
}

/** Cleans a member's name to the form of `RootTree.entries`, or refuses one that could mean a place outside. */
export function cleanPath(name: ByteString): ByteString | ImageError {
  if (name.startsWith("/")) return new ImageError(`the name ${show(name)} is absolute`, REPACK);
  if (name.includes("\0")) return new ImageError(`the name ${show(name)} contains a NUL`, REPACK);
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) return new ImageError(`the name ${show(name)} leads out of the archive`, REPACK);
  if (parts.some((part) => part.length > 255)) return new ImageError(`a name of ${show(name)} is too long`, REPACK);
  return parts.join("/") as ByteString;
}

/** The pax record has the fraction that a Date loses. */
function modified(header: Header): RootMeta["mtime"] {
  const pax = /^(-?)(\d+)(?:\.(\d{1,9}))?\d*$/.exec(header.pax?.mtime ?? "");
  if (pax === null) return { seconds: Math.floor((header.mtime?.getTime() ?? 0) / 1000), nanoseconds: 0 };
  const seconds = Number(pax[2]);
  const fraction = Number((pax[3] ?? "").padEnd(9, "0"));
  if (pax[1] === "") return { seconds, nanoseconds: fraction };
  return fraction === 0
    ? { seconds: -seconds, nanoseconds: 0 }
    : { seconds: -seconds - 1, nanoseconds: 1e9 - fraction };
}
