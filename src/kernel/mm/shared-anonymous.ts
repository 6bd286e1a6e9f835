import type { Result } from "../../abi/errno.ts";
import type { ByteString } from "../../base/bytes.ts";
import { PAGE_SIZE } from "../../machine/memory.ts";
import { FileViews, type MappableFile } from "./mappable.ts";

/** The device that Linux shows for them: that of its internal tmpfs. */
const DEVICE = 1;

let inodes = 0;

/**
 * The nameless file behind a shared anonymous mapping (shmem_zero_setup of Linux mm/shmem.c).
 *
 * While one address space shows it, the memory there is all there is of it; it holds bytes only for views that have ended.
 */
export class SharedAnonymous implements MappableFile {
  readonly name = "/dev/zero (deleted)" as ByteString;
  readonly device = DEVICE;
  readonly inode = ++inodes;
  readonly views = new FileViews();
  readonly isAnonymous = true;
  readonly size: number;
  /** Pages that were written, by offset. */
  private readonly pages = new Map<number, Uint8Array>();

  constructor(size: number) {
    this.size = size;
  }

  read(offset: number, into: Uint8Array): Result<number> {
    const length = Math.min(into.length, this.size - offset);
    this.eachPage(offset, length, (page, from, at, bytes) => {
      const known = this.pages.get(page);
      if (known === undefined) into.fill(0, at, at + bytes);
      else into.set(known.subarray(from, from + bytes), at);
    });
    return length;
  }

  write(offset: number, from: Uint8Array): Result<number> {
    const length = Math.min(from.length, this.size - offset);
    this.eachPage(offset, length, (page, to, at, bytes) => {
      const known = this.pages.get(page) ?? new Uint8Array(PAGE_SIZE);
      this.pages.set(page, known);
      known.set(from.subarray(at, at + bytes), to);
    });
    return length;
  }

  /** Its content is never an object's code. */
  contentKey(): undefined {
    return undefined;
  }

  /** Calls with each page's offset, where in the page and in the range its part begins, and how long that is. */
  private eachPage(
    offset: number,
    length: number,
    call: (page: number, inPage: number, inRange: number, bytes: number) => void,
  ): void {
    for (let done = 0; done < length; ) {
      const inPage = (offset + done) % PAGE_SIZE;
      const bytes = Math.min(PAGE_SIZE - inPage, length - done);
      call(offset + done - inPage, inPage, done, bytes);
      done += bytes;
    }
  }
}
