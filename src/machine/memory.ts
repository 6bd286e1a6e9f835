import { IntervalMap } from "../base/interval-map.ts";
import type { AddressRange } from "./engine.ts";
import { HART, HART_THREAD_BYTES, KERNEL_END } from "./hart.ts";

/** Bytes of a guest page. */
export const PAGE_SIZE = 0x1000;

/** Bytes of a page of WebAssembly memory. */
export const WASM_PAGE_SIZE = 0x1_0000;

/** Access that a page allows: bits of the page table's bytes, equal to PROT_READ, PROT_WRITE and PROT_EXEC. */
export const ACCESS = { READ: 1, WRITE: 2, EXEC: 4 } as const;

/**
 * The address space's fixed places. They are the same in every process and run, so that translated code can be shared.
 *
 * Position-dependent executables and their heap lie below the kernel's arena; position-independent objects each have a
 * preferred place in the object window; everything else is mapped bottom-up from `mapLow`.
 */
export const LAYOUT = {
  mapMin: KERNEL_END,
  /** One access byte for each of the 2^20 guest pages: the page table of the `paged` policy and of the interpreter. */
  pageTable: 0x0f00_0000,
  /** u16 for each guest page: where its pre-decoded instructions are, in units of 256 bytes from `arenaLow`; 0 for none. */
  decodeDirectory: 0x0f10_0000,
  /** The interpreter's pre-decoded instructions. */
  decodeCache: 0x0f30_0000,
  /** Counters of how often cold code was jumped to. */
  heat: 0x0fe0_0000,
  /** Where translated code is, by address. */
  codeMap: 0x0fe2_0000,
  /** From here to `arenaHigh` the arena is free. */
  arenaFree: 0x0fe6_0000,
  arenaLow: 0x0f00_0000,
  arenaHigh: 0x1000_0000,
  objectLow: 0x1000_0000,
  objectHigh: 0x2000_0000,
  mapLow: 0x2000_0000,
  /** First address that is never mapped. */
  end: 0xffff_0000,
} as const;

/** How translated code checks an access; see ARCHITECTURE.md for what each one does not detect. */
export type MemoryPolicy = "flat" | "null" | "paged";

/** The wasm memory, seen from a layer that knows no WebAssembly. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  /** Adds pages of 64 KB; throws RangeError if the host refuses. */
  grow(pages: number): number;
}

/**
 * One guest's memory: views that are renewed when it grows, and the page table.
 *
 * Addresses are numbers from 0 to 2^32. Nothing is checked here: the kernel's address space checks VMAs and whole
 * 64-bit pointers before it touches these views.
 */
export class GuestMemory {
  readonly shared: SharedMemory;
  u8: Uint8Array<SharedArrayBuffer>;
  i32: Int32Array<SharedArrayBuffer>;
  u32: Uint32Array<SharedArrayBuffer>;
  f64: Float64Array<SharedArrayBuffer>;
  i64: BigInt64Array<SharedArrayBuffer>;
  view: DataView<SharedArrayBuffer>;
  /** What is a thread's own of the hart; empty without memory. Never renewed, because memory grows behind it. */
  readonly registers: Uint8Array<SharedArrayBuffer>;
  /** Where another thread stops guest code; the same object at all times. */
  readonly pollWords: { readonly words: Int32Array<SharedArrayBuffer>; readonly poll: number; readonly stack: number };
  /** Addresses that were ever accessible, in units of 64 KB. */
  private used = new IntervalMap<true>();

  constructor(shared: SharedMemory) {
    this.shared = shared;
    const { buffer } = shared;
    this.pollWords = { words: new Int32Array(buffer), poll: HART.poll / 4, stack: HART.stackSize / 4 };
    this.u8 = new Uint8Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f64 = new Float64Array(buffer);
    this.i64 = new BigInt64Array(buffer);
    this.view = new DataView(buffer);
    const none = buffer.byteLength < HART.end;
    this.registers = none ? this.u8 : new Uint8Array(buffer, HART.x, HART_THREAD_BYTES);
  }

  /** Bytes that exist now. */
  get size(): number {
    return this.u8.length;
  }

  /** Makes addresses below `end` exist. Memory never shrinks. */
  ensure(end: number): void {
    if (end <= this.size) return;
    this.shared.grow(Math.ceil((end - this.size) / WASM_PAGE_SIZE));
    const { buffer } = this.shared;
    this.u8 = new Uint8Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f64 = new Float64Array(buffer);
    this.i64 = new BigInt64Array(buffer);
    this.view = new DataView(buffer);
  }

  /** Sets what the pages from `start` to `end` (page-aligned) allow: ACCESS bits, 0 for unmapped. */
  setAccess(start: number, end: number, access: number): void {
    if (access !== 0) this.markUsed(start, end);
    this.u8.fill(access, LAYOUT.pageTable + start / PAGE_SIZE, LAYOUT.pageTable + end / PAGE_SIZE);
  }

  /** What the page of an address allows: ACCESS bits. */
  accessAt(address: number): number {
    return this.u8[LAYOUT.pageTable + Math.floor(address / PAGE_SIZE)] ?? 0;
  }

  /** Notes that addresses may hold data although no page there was ever accessible, so that they are wiped in the end. */
  markUsed(start: number, end: number): void {
    const from = Math.floor(start / WASM_PAGE_SIZE) * WASM_PAGE_SIZE;
    const to = Math.ceil(end / WASM_PAGE_SIZE) * WASM_PAGE_SIZE;
    if (!this.used.covers(from, to)) this.used.set(from, to, true);
  }

  /** The ranges that were used, ascending, in units of 64 KB, and forgets them: whoever asks wipes them. */
  takeUsed(): Iterable<AddressRange> {
    const { used } = this;
    this.used = new IntervalMap();
    return used;
  }
}
