/** Packs a root file system: names, inodes and bytes in an order that follows from the content alone. */
import { createHash } from "node:crypto";
import { S } from "../../abi/stat.ts";
import { type ByteString, utf8Encode } from "../../base/bytes.ts";
import type { Manifest, RootInode, RootRow } from "../../entry/manifest.ts";
import type { RootEntry, RootMeta, RootTree } from "../../image/index.ts";
import type { BlobSink } from "./blobs.ts";

export interface PackedRoot {
  readonly root: Manifest["root"];
  readonly sources: readonly string[];
}

/** What becomes of a file's times: kept, or all set to one instant, in seconds since 1970. */
export type Times = "keep" | number;

const TYPES = {
  file: S.IFREG,
  directory: S.IFDIR,
  symlink: S.IFLNK,
  char: S.IFCHR,
  block: S.IFBLK,
  fifo: S.IFIFO,
} as const;

/** Places that every root has, to mount on and to write to. */
const ALWAYS: readonly (readonly [path: string, mode: number])[] = [
  ["", 0o755],
  ["dev", 0o755],
  ["proc", 0o555],
  ["root", 0o700],
  ["sys", 0o555],
  ["tmp", 0o1777],
];

const BUILDER = "drupe build";

/**
 * Packs the entries of a tree that `keep` takes.
 *
 * @param origin - where entries came from that the tree itself does not know of.
 * @param often - whether each start reads a file.
 */
export function packRoot(
  tree: RootTree,
  blobs: BlobSink,
  {
    keep,
    times,
    origin,
    often = () => false,
  }: {
    readonly keep: (path: ByteString) => boolean;
    readonly times: Times;
    readonly origin: string;
    readonly often?: (entry: RootEntry) => boolean;
  },
): PackedRoot {
  const sources: string[] = [];
  const sourceOf = (entry: RootEntry): number => indexIn(sources, tree.origins?.get(entry) ?? origin);
  const names: RootRow[] = [];
  const inodes: RootInode[] = [];
  const known = new Map<RootEntry, number>();
  const entries = complete(tree.entries);
  for (const path of [...entries.keys()].sort()) {
    if (path !== "" && !isAlways(path) && !keep(path)) continue;
    const entry = entries.get(path)!;
    let inode = known.get(entry);
    if (inode === undefined || entry.type === "directory") {
      const source = tree.entries.has(path) ? sourceOf(entry) : indexIn(sources, BUILDER);
      inode = inodes.push(inodeOf(entry, { add: (content) => blobs.add(content, often(entry)) }, times, source)) - 1;
      known.set(entry, inode);
    }
    names.push({ path, inode });
  }
  return { root: { names, inodes }, sources };
}

function complete(entries: RootTree["entries"]): Map<ByteString, RootEntry> {
  const all = new Map(entries);
  for (const [path, mode] of ALWAYS) {
    const name = utf8Encode(path);
    if (!all.has(name))
      all.set(name, { type: "directory", mode, uid: 0, gid: 0, mtime: { seconds: 0, nanoseconds: 0 } });
  }
  return all;
}

function isAlways(path: ByteString): boolean {
  return ALWAYS.some(([always]) => always === path);
}

function indexIn(list: string[], item: string): number {
  const at = list.indexOf(item);
  return at >= 0 ? at : list.push(item) - 1;
}

function inodeOf(entry: RootEntry, blobs: BlobSink, times: Times, source: number): RootInode {
  const meta = { ...metaOf(entry, times), mode: TYPES[entry.type] | entry.mode, source };
  switch (entry.type) {
    case "file": {
      const bytes = entry.read();
      return { ...meta, blob: blobs.add(bytes), digest: createHash("sha256").update(bytes).digest("hex") };
    }
    case "symlink":
      return { ...meta, target: entry.target };
    case "char":
    case "block":
      return { ...meta, device: [entry.major, entry.minor] };
    default:
      return meta;
  }
}

function metaOf({ uid, gid, mtime }: RootMeta, times: Times): Pick<RootInode, "uid" | "gid" | "mtime"> {
  return { uid, gid, mtime: times === "keep" ? [mtime.seconds, mtime.nanoseconds] : [times, 0] };
}
