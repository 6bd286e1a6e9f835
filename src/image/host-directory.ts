/** `--rootfs DIR`: a root taken from a directory of the host. */
import {
  type BigIntStats,
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
} from "node:fs";
import { resolve } from "node:path";
import { type ByteString, bytesOf, utf8Encode } from "../base/bytes.ts";
import { ImageError, reasonOf } from "./image-error.ts";
import { RootBuilder, type RootEntry, type RootMeta, type RootTree, show } from "./root-tree.ts";

/**
 * Lists a directory of the host. It is looked at once; only the bodies of files are read later. Links are entries and
 * are never followed, and nothing that the guest does comes back to the directory. Sockets are left out.
 */
export function openDirectory(directory: string): RootTree | ImageError {
  const listing: Listing = { builder: new RootBuilder(), top: utf8Encode(resolve(directory)), seen: new Map() };
  const failed = addDirectory(listing, "" as ByteString);
  return failed ?? listing.builder.finish(undefined, () => undefined);
}

interface Listing {
  readonly builder: RootBuilder;
  readonly top: ByteString;
  /** Files of two names or more, by device and inode. */
  readonly seen: Map<string, RootEntry>;
}

function addDirectory(listing: Listing, path: ByteString): ImageError | undefined {
  // "/." follows a link that is itself the directory given; those below it were seen to be directories.
  const here = hostPath(listing, (path === "" ? "." : path) as ByteString);
  let names: readonly string[];
  try {
    const failed = listing.builder.add(path, { type: "directory", ...metaOf(lstatSync(here, { bigint: true })) });
    if (failed !== undefined) return failed;
    names = readdirSync(here, { encoding: "latin1" }).sort();
  } catch (thrown) {
    return unreadable(here, thrown);
  }
  for (const name of names) {
    const failed = addEntry(listing, (path === "" ? name : `${path}/${name}`) as ByteString);
    if (failed !== undefined) return failed;
  }
  return undefined;
}

function addEntry(listing: Listing, path: ByteString): ImageError | undefined {
  const here = hostPath(listing, path);
  let entry: RootEntry | undefined;
  try {
    const stat = lstatSync(here, { bigint: true });
    if (stat.isDirectory()) return addDirectory(listing, path);
    const id = `${stat.dev}:${stat.ino}`;
    entry = listing.seen.get(id) ?? entryOf(here, stat);
    if (entry !== undefined && stat.nlink > 1n) listing.seen.set(id, entry);
  } catch (thrown) {
    return unreadable(here, thrown);
  }
  return entry && listing.builder.add(path, entry);
}

function entryOf(here: Buffer, stat: BigIntStats): RootEntry | undefined {
  const meta = metaOf(stat);
  if (stat.isFile()) return { type: "file", ...meta, size: Number(stat.size), read: () => readBody(here) };
  if (stat.isSymbolicLink())
    return { type: "symlink", ...meta, target: readlinkSync(here, { encoding: "latin1" }) as ByteString };
  if (stat.isFIFO()) return { type: "fifo", ...meta };
  if (stat.isSocket()) return undefined;
  return { type: stat.isBlockDevice() ? "block" : "char", ...meta, ...deviceNumber(stat.rdev) };
}

/** A link put in the file's place since the listing is not followed. */
function readBody(here: Buffer): Uint8Array {
  const fd = openSync(here, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

function hostPath({ top }: Listing, path: ByteString): Buffer {
  return Buffer.from(bytesOf(`${top}/${path}` as ByteString));
}

function metaOf(stat: BigIntStats): RootMeta {
  const seconds = stat.mtimeNs / 1_000_000_000n - (stat.mtimeNs % 1_000_000_000n < 0n ? 1n : 0n);
  return {
    mode: Number(stat.mode & 0o7777n),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    mtime: { seconds: Number(seconds), nanoseconds: Number(stat.mtimeNs - seconds * 1_000_000_000n) },
  };
}

/** Splits a device number as glibc's gnu_dev_major and gnu_dev_minor do (makedev(3)). */
function deviceNumber(rdev: bigint): { readonly major: number; readonly minor: number } {
  return {
    major: Number(((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn)),
    minor: Number((rdev & 0xffn) | ((rdev >> 12n) & ~0xffn)),
  };
}

function unreadable(here: Buffer, thrown: unknown): ImageError {
  return new ImageError(
    `${show(here.toString("latin1") as ByteString)} cannot be read: ${reasonOf(thrown)}`,
    "Run as a user who may read the whole directory, or pass an archive of it.",
  );
}
