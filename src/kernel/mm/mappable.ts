import type { Result } from "../../abi/errno.ts";
import type { ByteString } from "../../base/bytes.ts";

/** A page of a file as a view has it. */
export interface HeldPage {
  readonly bytes: Uint8Array;
  /** What the file holds in its place; undefined if that does not matter. */
  readonly known: Uint8Array | undefined;
}

/** Someone who shows a file's bytes elsewhere: its shared mappings in one address space. */
export interface FileView {
  /** Bytes are about to be read or written past the view: what was stored in it must reach the file first. */
  flush(offset: number, length: number): void;
  /** Bytes were written past the view; a change of size changes everything behind the smaller one. */
  changed(offset: number, length: number): void;
  /** Whether the view has the page at an offset. */
  holds(offset: number): boolean;
  /** How many mappings there are of the file: pieces of one that was split count each, as vm_area_structs do. */
  readonly mappings: number;
  /** Answers the page at an offset, if the view has it; `forGood` takes it away. The bytes must be copied at once. */
  lend(offset: number, forGood: boolean): HeldPage | undefined;
  /** Another view is the newest from now on: pages that it does not have go to the file, where a third one finds them. */
  leaveBehind(next: FileView): void;
  /** Takes a page that another view leaves, if it has that page too. */
  receive(offset: number, newer: HeldPage): void;
  /** Gives up all its pages, which another view has as new. */
  giveUpAll(): void;
}

/** Who shows a file, in all address spaces. */
export class FileViews extends Set<FileView> {
  /** The view of the address space that ran last: its bytes are the newest, unless pages are exclusive. */
  latest: FileView | undefined;
  /** Whether each page is held by one view at a time, instead of being copied when another one is about to be used. */
  exclusive = false;
  /** The file as it was opened for writing by one of them: pages with what was stored may end up with one that only reads. */
  writable: MappableFile | undefined;

  remove(view: FileView): void {
    this.delete(view);
    if (this.latest === view) this.latest = undefined;
    if (this.size > 0) return;
    this.exclusive = false;
    this.writable = undefined;
  }
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
  readonly views?: FileViews;
  /** True for the file behind anonymous memory: nobody reads it but through mappings. */
  readonly isAnonymous?: boolean;
  /** True if it can be shown again when nobody shows it any more, although it is anonymous. */
  readonly outlivesViews?: boolean;
  /** Writes back a shared mapping; absent if the descriptor was not open for writing. Never extends the file. */
  write?(offset: number, from: Uint8Array): Result<number>;
  /** fsync(2); absent if it does nothing. */
  sync?(): Result<number>;
  /**
   * Keeps the file's bytes although its last name and its last descriptor go, until `drop`; shared mappings do so. Answers
   * whether it does.
   */
  hold?(): boolean;
  drop?(): void;
  /**
   * Hex digest of the contents, by which translations of its code are shared and cached; undefined if they may change.
   * The kernel hashes what it maps if the member is absent.
   */
  contentKey?(): string | undefined;
}
