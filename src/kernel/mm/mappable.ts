import type { Result } from "../../abi/errno.ts";
import type { ByteString } from "../../base/bytes.ts";

/** A file as mmap(2) needs it. It stays readable after the descriptor is closed. */
export interface MappableFile {
  /** Its path, as /proc/self/maps shows it. */
  readonly name: ByteString;
  /** Bytes now. */
  readonly size: number;
  readonly inode: number;
  /** dev_t, as `makedev` packs it. */
  readonly device: number;
  /** Reads as pread(2) does. */
  read(offset: number, into: Uint8Array): Result<number>;
  /** Writes back a shared mapping; absent if the descriptor was not open for writing. Never extends the file. */
  write?(offset: number, from: Uint8Array): Result<number>;
  /**
   * Hex digest of the contents, by which translations of its code are shared and cached; undefined if they may change.
   * The kernel hashes what it maps if the member is absent.
   */
  contentKey?(): string | undefined;
}
