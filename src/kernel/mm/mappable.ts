import type { Result } from "../../abi/errno.ts";
import type { ByteString } from "../../base/bytes.ts";

/** Someone who shows a file's bytes elsewhere: its shared mappings in one address space. */
export interface FileView {
  /** Bytes are about to be read or written past the view: what was stored in it must reach the file first. */
  flush(offset: number, length: number): void;
  /** Bytes were written past the view; a change of size changes everything behind the smaller one. */
  changed(offset: number, length: number): void;
}

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
  /**
   * Who shows the file, the same set for all of an inode's mappable files. Whoever reads, writes or resizes the file tells
   * them; absent if nobody does so.
   */
  readonly views?: Set<FileView>;
  /** Writes back a shared mapping; absent if the descriptor was not open for writing. Never extends the file. */
  write?(offset: number, from: Uint8Array): Result<number>;
  /**
   * Hex digest of the contents, by which translations of its code are shared and cached; undefined if they may change.
   * The kernel hashes what it maps if the member is absent.
   */
  contentKey?(): string | undefined;
}
