/** An image that is not written: all files and no code, for programs to be run from while the real one is built. */
import { createHash } from "node:crypto";
import type { ByteString } from "../../base/bytes.ts";
import type { OpenImage } from "../../entry/container.ts";
import type { Blob, Manifest } from "../../entry/manifest.ts";
import { lookUp, type RootEntry, type RootTree } from "../../image/index.ts";
import type { BlobSink } from "./blobs.ts";
import { packRoot, type Times } from "./pack.ts";

/** What a manifest says apart from the root and its bytes. */
export type ManifestHead = Omit<Manifest, "modules" | "targets" | "ahead" | "root" | "sources" | "blobs">;

/** Bytes in memory, each once. */
class DraftBlobs implements BlobSink {
  readonly contents: Uint8Array<ArrayBuffer>[] = [];
  readonly table: Blob[] = [];
  private readonly known = new Map<string, number>();

  add(content: Uint8Array): number {
    const digest = createHash("sha256").update(content).digest("hex");
    const before = this.known.get(digest);
    if (before !== undefined) return before;
    const size = content.length;
    this.table.push({ offset: 0, stored: size, size, packing: "plain" });
    this.known.set(digest, this.contents.length);
    return this.contents.push(new Uint8Array(content)) - 1;
  }
}

export class Draft {
  readonly image: OpenImage;
  private readonly tree: RootTree;
  private readonly read = new Set<number>();
  private readonly noted = new Set<ByteString>();

  constructor(tree: RootTree, head: ManifestHead, times: Times) {
    this.tree = tree;
    const blobs = new DraftBlobs();
    const { root, sources } = packRoot(tree, blobs, { keep: () => true, times, origin: "" });
    const manifest = { ...head, modules: {}, targets: [], ahead: [], root, sources, blobs: blobs.table };
    this.image = {
      manifest,
      blob: (index) => {
        this.read.add(index);
        return blobs.contents[index]!;
      },
    };
  }

  /** Keeps a path although no run may have read it: every link on the way to it, and the file. */
  note(path: ByteString): void {
    const names = path.split("/").filter((name) => name !== "" && name !== ".");
    for (let depth = 1; depth <= names.length; depth++) {
      const part = names.slice(0, depth).join("/") as ByteString;
      this.noted.add(part);
      const found = lookUp(this.tree.entries, part);
      if (found !== undefined && found.path !== part && !this.noted.has(found.path)) this.note(found.path);
    }
  }

  /** The files that runs read so far. */
  readFiles(): ReadonlySet<RootEntry> {
    const { names, inodes } = this.image.manifest.root;
    const read = names.filter(({ inode }) => {
      const { blob } = inodes[inode]!;
      return blob !== undefined && this.read.has(blob);
    });
    return new Set(read.flatMap(({ path }) => this.tree.entries.get(path) ?? []));
  }

  /** The paths that runs read or that were noted, with the directories and links that lead to them. */
  needed(include: readonly ByteString[]): ReadonlySet<ByteString> {
    const { names, inodes } = this.image.manifest.root;
    for (const { path, inode } of names) {
      const { blob } = inodes[inode]!;
      const included = include.some((kept) => path === kept || path.startsWith(`${kept}/`));
      if (included || (blob !== undefined && this.read.has(blob))) this.note(path);
    }
    for (const [path, entry] of this.tree.entries) {
      if (entry.type !== "symlink" || this.noted.has(path)) continue;
      const found = lookUp(this.tree.entries, path);
      if (found !== undefined && this.noted.has(found.path)) this.note(path);
    }
    return this.noted;
  }
}
