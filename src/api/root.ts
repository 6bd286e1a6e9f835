import { type ByteString, utf8Encode } from "../base/bytes.ts";
import type { RootEntry, RootTree } from "../image/index.ts";
import type { Library } from "../kernel/library.ts";
import { ramRoot } from "../lib/fs-ram/index.ts";

const EPOCH = { seconds: 0, nanoseconds: 0 };

function directory(mode: number): RootEntry {
  return { type: "directory", mode, uid: 0, gid: 0, mtime: EPOCH };
}

function file(content: Uint8Array, mode: number): RootEntry {
  return { type: "file", mode, uid: 0, gid: 0, mtime: EPOCH, size: content.length, read: () => content };
}

/** What every root has besides its own files: places to mount on and to write to. */
const ALWAYS: readonly (readonly [string, RootEntry])[] = [
  ["", directory(0o755)],
  ["dev", directory(0o755)],
  ["proc", directory(0o555)],
  ["sys", directory(0o555)],
  ["tmp", directory(0o1777)],
  ["root", directory(0o700)],
];

/** The root file system of a machine: a tree that was opened, single files, and what every root has. */
export function rootLibrary(tree: RootTree | undefined, files: Readonly<Record<string, Uint8Array>> = {}): Library {
  const entries = new Map<ByteString, RootEntry>(tree?.entries);
  for (const [path, entry] of ALWAYS) {
    if (!entries.has(utf8Encode(path))) entries.set(utf8Encode(path), entry);
  }
  for (const [path, content] of Object.entries(files)) {
    const name = utf8Encode(path.replace(/^\/+/, ""));
    for (let slash = name.indexOf("/"); slash >= 0; slash = name.indexOf("/", slash + 1)) {
      const parent = name.slice(0, slash) as ByteString;
      if (!entries.has(parent)) entries.set(parent, directory(0o755));
    }
    entries.set(name, file(content, 0o755));
  }
  return ramRoot(entries);
}
