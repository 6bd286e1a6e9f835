/** Keeps what programs write to make their next start cheaper: Python's compiled modules, which packages come without. */
import { Errno } from "../../abi/errno.ts";
import { S } from "../../abi/stat.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { RootEntry, RootTree } from "../../image/index.ts";
import { onProcessExit } from "../../kernel/hooks.ts";
import { defineLibrary, type Library } from "../../kernel/library.ts";
import { isBlocking } from "../../kernel/wait.ts";
import { type Inode, namespace } from "../../lib/vfs/index.ts";

/** Python's modules; the directories beside them where they lie compiled, and those (PEP 3147). Others are half written. */
const SOURCE = ".py";
const CACHE = "__pycache__";
const COMPILED = ".pyc";

/** Who made such files. */
const ORIGIN = "written by the recorded run";

/** Takes the caches that are left in the root of machines which have its {@link library}. */
export class LeftCaches {
  readonly library: Library;
  private readonly roots = new Set<Inode>();

  constructor() {
    this.library = defineLibrary({
      name: "left-caches",
      summary: "remembers the root of machines, to look at what was left there",
      extends: [onProcessExit.with(({ kernel }) => void this.roots.add(kernel.get(namespace).root.fs.root))],
    });
  }

  /** Whether programs of a tree may leave something. */
  static areLikely({ entries }: RootTree): boolean {
    return [...entries.keys()].some((path) => path.endsWith(SOURCE));
  }

  /** What was left in caches that a tree does not have. */
  besides(tree: RootTree): ReadonlyMap<ByteString, RootEntry> {
    const added = new Map<ByteString, RootEntry>();
    for (const root of this.roots) collect(root, "", false, added);
    for (const path of [...added.keys()]) if (tree.entries.has(path)) added.delete(path);
    return added;
  }

  /** The tree, with what was left in caches; the tree itself if that is nothing. */
  addTo(tree: RootTree): RootTree {
    const added = this.besides(tree);
    if (added.size === 0) return tree;
    const origins = new Map(tree.origins);
    for (const entry of added.values()) origins.set(entry, ORIGIN);
    return { ...tree, entries: new Map([...tree.entries, ...added]), origins, close: () => tree.close() };
  }
}

/** Walks a directory, which lies in memory: nothing sleeps. */
function collect(directory: Inode, path: string, inCache: boolean, into: Map<ByteString, RootEntry>): void {
  const listed = directory.list();
  if (isBlocking(listed) || listed instanceof Errno) return;
  for (const { name } of [...listed].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const inode = directory.lookup(name);
    if (isBlocking(inode) || inode instanceof Errno) continue;
    const place = (path === "" ? name : `${path}/${name}`) as ByteString;
    if (inode.type === S.IFDIR) {
      const isCache = name === CACHE;
      if (isCache) keep(place, inode, into);
      collect(inode, place, isCache, into);
    } else if (inCache && name.endsWith(COMPILED) && inode.type === S.IFREG) keep(place, inode, into);
  }
}

/** Takes a file or directory without the time of the run, which is not the file's. */
function keep(place: ByteString, inode: Inode, into: Map<ByteString, RootEntry>): void {
  const found = inode.attributes();
  if (isBlocking(found) || found instanceof Errno) return;
  const { uid, gid, size } = found;
  const meta = { mode: found.mode & 0o7777, uid, gid, mtime: { seconds: 0, nanoseconds: 0 } };
  if (inode.type === S.IFDIR) return void into.set(place, { type: "directory", ...meta });
  const bytes = new Uint8Array(size);
  if (inode.read(bytes, 0) === size) into.set(place, { type: "file", ...meta, size, read: () => bytes });
}
