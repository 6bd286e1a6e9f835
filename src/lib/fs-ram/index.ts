import type { ByteString } from "../../base/bytes.ts";
import { defineLibrary, type Library } from "../../kernel/library.ts";
import { bootMount, vfs } from "../vfs/index.ts";
import { fill, type RamTree } from "./fill.ts";
import { RamFileSystem, type RamOptions } from "./ram-fs.ts";

/** Files in memory. It mounts nothing by itself: see {@link ramRoot}. */
export const fsRam = defineLibrary({
  name: "fs-ram",
  summary: "a file system in memory, filled lazily from an image",
  needs: [vfs],
});

/** The library of one image that mounts a root file system in memory, with these files in it. */
export function ramRoot(tree?: RamTree, options: RamOptions = {}): Library {
  return defineLibrary({
    name: "root",
    summary: "the root file system, in memory",
    needs: [fsRam],
    extends: [
      bootMount.with({
        target: "/" as ByteString,
        make(kernel) {
          const fs = new RamFileSystem(kernel, options);
          if (tree !== undefined) fill(fs, tree);
          return fs;
        },
      }),
    ],
  });
}

export type { FileBody } from "./file-body.ts";
export type { RamEntry, RamTree } from "./fill.ts";
export { RamFileSystem, type RamOptions } from "./ram-fs.ts";
export { RamInode } from "./ram-inode.ts";
export { RamDirectory, RamFile, RamSymlink } from "./ram-nodes.ts";
