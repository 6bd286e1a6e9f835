/** Debian binary packages: an ar archive of debian-binary, control.tar.* and data.tar.* (deb(5)). */
import { type FileHandle, open } from "node:fs/promises";
import { type Chunks, decompress } from "../archive/decompress.ts";
import type { ArchiveLimits } from "../archive/limits.ts";
import { type DataSink, unpackTar } from "../archive/tar.ts";
import { MemorySink, type Unpacked } from "../cache/store.ts";
import { ImageError } from "../image-error.ts";
import { type Alternative, parseAlternatives } from "./alternatives.ts";

/** What the cache remembers of a package beside its files. */
export interface DebNotes {
  readonly alternatives: readonly Alternative[];
}

/** A member's range in the file. */
interface Member {
  readonly name: string;
  readonly start: number;
  readonly size: number;
}

/** Unpacks a package's files into `sink`. Of its control part only the text of postinst is looked at. */
export async function unpackDeb(
  what: string,
  path: string,
  sink: DataSink,
  limits: ArchiveLimits,
): Promise<Unpacked<DebNotes> | ImageError> {
  const file = await open(path, "r");
  try {
    const members = await listMembers(what, file);
    if (members instanceof ImageError) return members;
    const control = members.find((member) => member.name.startsWith("control.tar"));
    const data = members.find((member) => member.name.startsWith("data.tar"));
    if (control === undefined || data === undefined) return notADeb(what);
    const script = await readPostinst(what, memberChunks(file, control), limits);
    if (script instanceof ImageError) return script;
    const records = await unpackTar(what, decompress(memberChunks(file, data)), sink, limits);
    return records instanceof ImageError ? records : { records, notes: { alternatives: parseAlternatives(script) } };
  } finally {
    await file.close();
  }
}

async function readPostinst(what: string, control: Chunks, limits: ArchiveLimits): Promise<string | ImageError> {
  const sink = new MemorySink();
  const records = await unpackTar(what, decompress(control), sink, limits);
  if (records instanceof ImageError) return records;
  const postinst = records.find((record) => record.path === "postinst" && record.type === "file");
  if (postinst?.type !== "file") return "";
  return new TextDecoder().decode(sink.range(postinst.offset, postinst.size));
}

const AR_MAGIC = "!<arch>\n";
const AR_HEADER = 60;

/** Lists the members of an ar archive (ar(5)): after the magic, headers of 60 characters, bodies padded to even length. */
async function listMembers(what: string, file: FileHandle): Promise<readonly Member[] | ImageError> {
  const { size: end } = await file.stat();
  if ((await readText(file, 0, AR_MAGIC.length)) !== AR_MAGIC) return notADeb(what);
  const members: Member[] = [];
  for (let at = AR_MAGIC.length; at < end; ) {
    const header = await readText(file, at, AR_HEADER);
    const start = at + AR_HEADER;
    const size = Number(header.slice(48, 58));
    if (!header.endsWith("`\n") || !Number.isInteger(size) || size < 0 || start + size > end) return notADeb(what);
    members.push({ name: header.slice(0, 16).replace(/\/? *$/, ""), start, size });
    at = start + size + (size % 2);
  }
  return members;
}

async function readText(file: FileHandle, position: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.toString("latin1", 0, bytesRead);
}

async function* memberChunks(file: FileHandle, { start, size }: Member): AsyncGenerator<Uint8Array> {
  for (let at = start; at < start + size; ) {
    const length = Math.min(start + size - at, 256 * 1024);
    const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, at);
    if (bytesRead === 0) throw new Error("it is truncated");
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

function notADeb(what: string): ImageError {
  return new ImageError(
    `${what} is not a Debian package, or is truncated`,
    "Get it again, or pass another mirror with --mirror URL.",
  );
}
