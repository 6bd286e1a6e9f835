import type { Result } from "../../abi/errno.ts";
import type { GuestPtr } from "../../abi/types.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { Layout } from "../../base/struct.ts";
import type { Space } from "../../machine/engine.ts";
import type { GuestMemory } from "../../machine/memory.ts";
import type { Slot } from "../slots.ts";
import type { UserMemory } from "../user-memory.ts";
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
  /** What /proc/self/maps shows for memory that no file backs, such as "[stack]". */
  readonly name?: ByteString;
}

/** One mapping, as /proc/self/maps shows it. */
export interface Vma {
  readonly start: number;
  readonly end: number;
  /** PROT_* bits. */
  readonly prot: number;
  readonly shared: boolean;
  readonly file: MappableFile | undefined;
  /** Offset in the file of `start`; 0 for anonymous memory. */
  readonly offset: number;
  readonly name: ByteString;
}

/** A process's memory: what is mapped where, and the checked way to it. */
export declare class AddressSpace implements UserMemory {
  readonly memory: GuestMemory;
  readonly space: Space;
  get<T>(slot: Slot<AddressSpace, T>): T;
  map(request: MapRequest): Result<number>;
  unmap(address: number, length: number): Result<0>;
  protect(address: number, length: number, prot: number): Result<0>;
  /** mremap(2): `flags` are MREMAP_* bits. */
  remap(old: number, oldLength: number, newLength: number, flags: number, newAddress: number): Result<number>;
  /** MADV_DONTNEED: anonymous memory reads zero, private file memory its file again. */
  discard(address: number, length: number): Result<0>;
  /** msync(2): writes shared file mappings back; ENOMEM if part of the range is not mapped. */
  sync(address: number, length: number): Result<0>;
  /** brk(2): the new break, or the old one if it cannot be moved. */
  setBreak(address: number): number;
  areas(): Iterable<Vma>;
  areaAt(address: number): Vma | undefined;
  /** Whether every page of the range is mapped. */
  isMapped(address: number, length: number): boolean;
  /** Sizes for /proc/self/statm and getrusage(2), in bytes. */
  readonly usage: { readonly mapped: number; readonly committed: number; readonly peak: number };
  /** Where the loader put things, for /proc/self/stat and prctl(PR_SET_MM). */
  readonly regions: {
    readonly startCode: number;
    readonly endCode: number;
    readonly startData: number;
    readonly endData: number;
    readonly startBrk: number;
    readonly brk: number;
    readonly startStack: number;
    readonly argStart: number;
    readonly argEnd: number;
    readonly envStart: number;
    readonly envEnd: number;
    /** The auxiliary vector as it lies on the stack, for /proc/self/auxv. */
    readonly auxv: Uint8Array;
    /** Where the vDSO is mapped; 0 without one. */
    readonly vdso: number;
    /** Address of __vdso_rt_sigreturn, the return address of signal handlers. */
    readonly sigreturn: number;
  };
  /** The program relies on faults being precise (a SIGSEGV or SIGBUS handler): switches the memory policy. */
  requirePreciseFaults(): void;
  /** riscv_flush_icache(2): forgets translations of these addresses. */
  flushInstructions(start: number, end: number): void;

  read(at: GuestPtr, length: number): Result<Uint8Array<ArrayBuffer>>;
  write(at: GuestPtr, bytes: Uint8Array): Result<0>;
  window(at: GuestPtr, length: number, access: "read" | "write"): Result<Uint8Array<SharedArrayBuffer>>;
  readU32(at: GuestPtr): Result<number>;
  writeU32(at: GuestPtr, value: number): Result<0>;
  readU64(at: GuestPtr): Result<number>;
  writeU64(at: GuestPtr, value: number): Result<0>;
  readCString(at: GuestPtr, maximum: number): Result<ByteString>;
  readStruct<T>(at: GuestPtr, layout: Layout<T>): Result<T>;
  writeStruct<T>(at: GuestPtr, layout: Layout<T>, value: T): Result<0>;
}
