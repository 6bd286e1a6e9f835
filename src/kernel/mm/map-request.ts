import type { Errno } from "../../abi/errno.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { MappableFile } from "./mappable.ts";

/** What a mapping shows: zeros, or a file from an offset. */
export type Backing = "anonymous" | { readonly file: MappableFile; readonly offset: number };

/** What mmap(2) asks for, parsed. */
export interface MapRequest {
  readonly address: number;
  /** Bytes; the kernel rounds up to pages. */
  readonly length: number;
  /** PROT_* bits. */
  readonly prot: number;
  readonly kind: "hint" | "fixed" | "fixedNoReplace";
  readonly backing: Backing;
  readonly shared: boolean;
  /** Whether it can never be written to; by default as its file says that is shared. */
  readonly readOnly?: boolean;
  /** Whether it counts as locked; by default what {@link AddressSpace.locksFuture} says. */
  readonly locked?: boolean;
  /** What else may forbid it: asked when the place is settled. */
  readonly check?: () => Errno | undefined;
  /** What /proc/self/maps shows for memory that no file backs, such as "[stack]". */
  readonly name?: ByteString;
  /** Only for the stack, which mprotect(2) then takes PROT_GROWSDOWN on. */
  readonly growsDown?: boolean;
}
