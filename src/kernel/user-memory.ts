import type { Result } from "../abi/errno.ts";
import type { GuestPtr } from "../abi/types.ts";
import type { ByteString } from "../base/bytes.ts";
import type { Layout } from "../base/struct.ts";

/**
 * A program's memory as handlers see it. Every access checks the whole pointer and what its pages allow; what is refused
 * is EFAULT.
 */
export interface UserMemory {
  /** Copies bytes out of the guest. */
  read(at: GuestPtr, length: number): Result<Uint8Array<ArrayBuffer>>;
  /** Copies bytes into the guest. */
  write(at: GuestPtr, bytes: Uint8Array): Result<0>;
  /**
   * Lends the bytes themselves, to be read from or written to before the next sleep and before memory grows. They are
   * shared memory: hosts that refuse such views are given copies.
   */
  window(at: GuestPtr, length: number, access: "read" | "write"): Result<Uint8Array<SharedArrayBuffer>>;
  readU32(at: GuestPtr): Result<number>;
  writeU32(at: GuestPtr, value: number): Result<0>;
  /** Reads a pointer, size_t or long that is not negative. */
  readU64(at: GuestPtr): Result<number>;
  writeU64(at: GuestPtr, value: number): Result<0>;
  /** Reads a string up to its NUL: EFAULT, or ENAMETOOLONG if there is none within `maximum` bytes. */
  readCString(at: GuestPtr, maximum: number): Result<ByteString>;
  readStruct<T>(at: GuestPtr, layout: Layout<T>): Result<T>;
  writeStruct<T>(at: GuestPtr, layout: Layout<T>, value: T): Result<0>;
}
