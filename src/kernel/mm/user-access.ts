import { EFAULT, ENAMETOOLONG, type Result } from "../../abi/errno.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { type ByteString, byteString } from "../../base/bytes.ts";
import type { Layout } from "../../base/struct.ts";
import { ACCESS, type GuestMemory, LAYOUT, PAGE_SIZE } from "../../machine/memory.ts";
import type { UserMemory } from "../user-memory.ts";

const PAGE_SHIFT = 12;
const WORD = 0x1_0000_0000;

/**
 * Checked access to guest memory.
 *
 * Pointers are whole 64-bit values as numbers, so that one range test refuses everything beyond the address space; within
 * it the page table's bytes decide, one for each page touched.
 */
export class UserAccess implements UserMemory {
  memory: GuestMemory;

  constructor(memory: GuestMemory) {
    this.memory = memory;
  }

  /** Whether every page of a range allows all of `access` (ACCESS bits). An empty range is allowed. */
  allows(at: number, length: number, access: number): boolean {
    // Written so that NaN and negative lengths fail too.
    if (!(at >= 0 && length >= 0 && at + length <= LAYOUT.end)) return false;
    if (length === 0) return true;
    const { u8 } = this.memory;
    const first = LAYOUT.pageTable + (at >>> PAGE_SHIFT);
    const last = LAYOUT.pageTable + ((at + length - 1) >>> PAGE_SHIFT);
    for (let page = first; page <= last; page++) {
      if ((u8[page]! & access) !== access && !this.resolvePage((page - LAYOUT.pageTable) * PAGE_SIZE, access))
        return false;
    }
    return true;
  }

  /** Tries to make a page allow an access that its page table byte does not. */
  protected resolvePage(_address: number, _access: number): boolean {
    return false;
  }

  /** How many bytes from `at` on allow `access`, at most `length`: what a copy gets done before it faults. */
  allowedLength(at: number, length: number, access: number): number {
    if (this.allows(at, length, access)) return length;
    let done = 0;
    while (done < length) {
      const step = Math.min(length - done, PAGE_SIZE - ((at + done) % PAGE_SIZE));
      if (!this.allows(at + done, step, access)) break;
      done += step;
    }
    return done;
  }

  read(at: GuestPtr, length: number): Result<Uint8Array<ArrayBuffer>> {
    if (!this.allows(at, length, ACCESS.READ)) return EFAULT;
    const copy = new Uint8Array(length);
    copy.set(this.memory.u8.subarray(at, at + length));
    return copy;
  }

  write(at: GuestPtr, bytes: Uint8Array): Result<0> {
    if (!this.allows(at, bytes.length, ACCESS.WRITE)) return EFAULT;
    this.memory.u8.set(bytes, at);
    return 0;
  }

  window(at: GuestPtr, length: number, access: "read" | "write"): Result<Uint8Array<SharedArrayBuffer>> {
    if (!this.allows(at, length, access === "read" ? ACCESS.READ : ACCESS.WRITE)) return EFAULT;
    return this.memory.u8.subarray(at, at + length);
  }

  readU32(at: GuestPtr): Result<number> {
    return this.allows(at, 4, ACCESS.READ) ? this.memory.view.getUint32(at, true) : EFAULT;
  }

  writeU32(at: GuestPtr, value: number): Result<0> {
    if (!this.allows(at, 4, ACCESS.WRITE)) return EFAULT;
    this.memory.view.setUint32(at, value, true);
    return 0;
  }

  readU64(at: GuestPtr): Result<number> {
    if (!this.allows(at, 8, ACCESS.READ)) return EFAULT;
    const { view } = this.memory;
    return view.getUint32(at + 4, true) * WORD + view.getUint32(at, true);
  }

  writeU64(at: GuestPtr, value: number): Result<0> {
    if (!this.allows(at, 8, ACCESS.WRITE)) return EFAULT;
    const { view } = this.memory;
    const high = Math.floor(value / WORD);
    view.setUint32(at, value - high * WORD, true);
    view.setUint32(at + 4, high, true);
    return 0;
  }

  readCString(at: GuestPtr, maximum: number): Result<ByteString> {
    const { u8 } = this.memory;
    let end: number = at;
    while (end - at < maximum) {
      const page = Math.min(PAGE_SIZE - (end % PAGE_SIZE), maximum - (end - at));
      // A string may end right before a page that may not be read: pages are looked at one by one.
      if (!this.allows(end, page, ACCESS.READ)) return EFAULT;
      const found = u8.subarray(end, end + page).indexOf(0);
      if (found >= 0) return byteString(u8.subarray(at, end + found));
      end += page;
    }
    return ENAMETOOLONG;
  }

  readStruct<T>(at: GuestPtr, layout: Layout<T>): Result<T> {
    return this.allows(at, layout.size, ACCESS.READ) ? layout.read(this.memory.view, at) : EFAULT;
  }

  writeStruct<T>(at: GuestPtr, layout: Layout<T>, value: T): Result<0> {
    if (!this.allows(at, layout.size, ACCESS.WRITE)) return EFAULT;
    layout.write(this.memory.view, at, value);
    return 0;
  }
}
