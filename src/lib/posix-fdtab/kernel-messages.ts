import { ExtensionPoint } from "../../kernel/library.ts";
import type { OpenFile } from "./open-file.ts";

/**
 * How the kernel itself sends a message to who reads a file, as to a netlink socket; undefined for files that are not of the
 * contributor's kind.
 */
export const kernelMessages = new ExtensionPoint<(file: OpenFile) => ((bytes: Uint8Array) => void) | undefined>(
  "kernelMessages",
);
