import { Errno } from "../../abi/errno.ts";
import { type GuestMemory, PAGE_SIZE } from "../../machine/memory.ts";
import type { MappableFile } from "./mappable.ts";

/**
 * A writable shared mapping of a file.
 *
 * Guest memory holds a copy, and pages that differ from what was loaded are written back by msync(2), munmap(2) and the
 * end of the process. So a store is seen through read(2) only after that; unchanged pages never overwrite what others
 * wrote to the file meanwhile.
 */
export class SharedFile {
  private readonly file: MappableFile;
  private readonly origin: number;
  /** What the file holds as far as this mapping knows, from file offset `origin` on. */
  private known = new Uint8Array();

  constructor(file: MappableFile, origin: number) {
    this.file = file;
    this.origin = origin;
  }

  /** Learns what the file holds up to an offset: called when a range is mapped. */
  cover(offset: number): void {
    const wanted = Math.min(offset, this.file.size) - this.origin;
    const had = this.known.length;
    if (wanted <= had) return;
    const longer = new Uint8Array(wanted);
    longer.set(this.known);
    const got = this.file.read(this.origin + had, longer.subarray(had));
    this.known = longer.subarray(0, had + (got instanceof Errno ? 0 : got));
  }

  /** Writes back what changed between two addresses, `delta` below their file offsets. */
  writeBack(memory: GuestMemory, start: number, end: number, delta: number): void {
    const limit = Math.min(end, this.origin + this.known.length - delta);
    for (let page = start; page < limit; page += PAGE_SIZE) {
      const now = memory.u8.subarray(page, Math.min(page + PAGE_SIZE, limit));
      const at = page + delta - this.origin;
      if (now.every((byte, i) => byte === this.known[at + i])) continue;
      const copy = new Uint8Array(now);
      this.known.set(copy, at);
      this.file.write?.(page + delta, copy);
    }
  }
}
