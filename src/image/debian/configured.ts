/** What configuring packages leaves in a root: made once for each set of packages, and kept. */
import { createHash } from "node:crypto";
import type { ByteString } from "../../base/bytes.ts";
import type { ArchiveRecord, DataSink } from "../archive/tar.ts";
import { type UnpackedArchive, UnpackedStore } from "../cache/store.ts";
import { ImageError, isSystemError } from "../image-error.ts";
import type { RootEntry, RootTree } from "../root-tree.ts";
import type { LockedPackage } from "./lock.ts";

/**
 * Makes files and directories that the packages of a tree lack, and that configuring them would leave, from these packages
 * alone: whatever is run with such a root trusts them as it trusts the packages. No links; a directory before what is in it.
 */
export type Configure = (tree: RootTree) => Promise<ReadonlyMap<ByteString, RootEntry>>;

/** Opens what was made for these packages, in any order, after making it if need be; undefined if it cannot be kept. */
export async function configured(
  tree: RootTree,
  packages: readonly LockedPackage[],
  directory: string,
  configure: Configure,
): Promise<UnpackedArchive<null> | undefined> {
  const digests = packages.map(({ sha256 }) => sha256).sort();
  const id = createHash("sha256").update(digests.join("\n")).digest("hex");
  const store = new UnpackedStore<null>(directory);
  try {
    const archive = store.open(id) ?? (await store.make(id, async (sink) => pack(await configure(tree), sink)));
    return archive instanceof ImageError ? undefined : archive;
  } catch (thrown) {
    // A cache that can only be read is no reason not to run what it has.
    if (!isSystemError(thrown)) throw thrown;
    return undefined;
  }
}

function pack(made: ReadonlyMap<ByteString, RootEntry>, sink: DataSink) {
  const records = [...made].map(([path, entry]): ArchiveRecord => {
    const { mode, uid, gid, mtime } = entry;
    const meta = { path, mode, uid, gid, mtime };
    if (entry.type === "directory") return { type: "directory", ...meta };
    if (entry.type !== "file") throw new Error(`a ${entry.type} was made for ${path}`);
    const offset = sink.length;
    sink.write(entry.read());
    return { type: "file", ...meta, offset, size: entry.size };
  });
  return { records, notes: null };
}
