/** All that decides what an image is: made from the command line and the configuration, and checked. */
import type { ByteString } from "../base/bytes.ts";
import type { ImageProgram, Runtime } from "../entry/manifest.ts";
import type { Port } from "../entry/ports.ts";
import type { Volume } from "../entry/volumes.ts";
import type { RootTree } from "../image/index.ts";
import type { AheadScope } from "./ahead/translate-objects.ts";
import type { Wish } from "./libraries/resolve.ts";
import type { Packing } from "./root/blobs.ts";
import type { Times } from "./root/pack.ts";

/**
 * Which libraries an image gets: those that analysis finds, those that recorded runs used, with the calls that they used, or
 * those that are named.
 */
export type LibraryChoice =
  | { readonly kind: "auto" | "recorded"; readonly also: readonly Wish[] }
  | { readonly kind: "named"; readonly wishes: readonly Wish[] };

export interface ImagePlan {
  readonly name: string;
  readonly tree: RootTree;
  /** Where the tree came from, in words. */
  readonly origin: string;
  readonly program: ImageProgram;
  readonly libraries: LibraryChoice;
  readonly without: readonly string[];
  readonly runtime: Runtime;
  readonly ahead: AheadScope;
  readonly policy: "null" | "paged" | undefined;
  /** Argument vectors of runs that are recorded while the image is built. */
  readonly profile: readonly (readonly ByteString[])[];
  readonly profileSeconds: number;
  /** Whether the image starts its program by the record of a start. */
  readonly startsByRecord: boolean;
  /** All of the root, or only what the program names, its recorded runs read, and what is included besides. */
  readonly files: "all" | "needed";
  /** Paths that are kept whatever runs read, with all that is below them. */
  readonly include: readonly ByteString[];
  readonly packing: Packing;
  readonly times: Times;
  readonly labels: Readonly<Record<string, string>>;
  readonly volumes: readonly Volume[];
  readonly ports: readonly Port[];
  readonly hostname: string | undefined;
  readonly memory: number | undefined;
  /** Whether the image can print system calls. */
  readonly trace: boolean;
  /** For a page of a browser, which unpacks nothing but deflate and has a terminal. */
  readonly page: boolean;
}
