/** Where root file systems come from. */
export type { Configure } from "./debian/configured.ts";
export { ImageError } from "./image-error.ts";
export { openRoot, type RootOptions, rootOptions } from "./open-root.ts";
export type { OnProgress, Progress } from "./progress.ts";
export {
  type Found,
  lookUp,
  type RootDevice,
  type RootDirectory,
  type RootEntry,
  type RootFifo,
  type RootFile,
  type RootMeta,
  type RootSymlink,
  type RootTree,
} from "./root-tree.ts";
