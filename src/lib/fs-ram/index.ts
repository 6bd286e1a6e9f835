import type { ByteString } from "../../base/bytes.ts";
import { defineLibrary, type Library } from "../../kernel/library.ts";
import { bootMount, vfs } from "../vfs/index.ts";
import { RamFileSystem, type RamTree } from "./ram-file-system.ts";

export { type RamEntry, RamFileSystem, type RamTree } from "./ram-file-system.ts";

/** What may be written to the root, unless an image says otherwise: half of the default memory limit. */
const DEFAULT_LIMIT = 2 ** 30;

/** A library that mounts a file system in memory at "/", filled from a tree. */
export function ramRoot(tree: RamTree, limitBytes = DEFAULT_LIMIT): Library {
  return defineLibrary({
    name: "fs-ram",
    summary: "files in memory",
    needs: [vfs],
    extends: [
      bootMount.with({
        target: "/" as ByteString,
        make(kernel) {
          const fs = new RamFileSystem(kernel, limitBytes);
          fs.fill(tree);
          return fs;
        },
      }),
    ],
  });
}
