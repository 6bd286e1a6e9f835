import type { ByteString } from "../../base/bytes.ts";
import type { Interval } from "../../base/interval-map.ts";
import { ACCESS, PAGE_SIZE } from "../../machine/memory.ts";
import type { MappableFile } from "./mappable.ts";
import type { SharedFile } from "./shared-file.ts";

/** What madvise(2) and mlock(2) were told of a piece of address space. */
export interface Advice {
  /** fork(2) leaves it out (MADV_DONTFORK). */
  readonly notForked: boolean;
  /** A child finds it zeroed (MADV_WIPEONFORK). */
  readonly wipedByFork: boolean;
  /** It is not in core files (MADV_DONTDUMP). */
  readonly notDumped: boolean;
  /** It must not be paged out, which nothing is: it counts against RLIMIT_MEMLOCK, and cannot be thrown away by mistake. */
  readonly locked: boolean;
}

export const NO_ADVICE: Advice = { notForked: false, wipedByFork: false, notDumped: false, locked: false };

/**
 * What a piece of address space is. Immutable, and independent of where the piece starts, so that the halves of a split
 * mapping share one value.
 */
export interface Mapping extends Advice {
  /** PROT_* bits. */
  readonly prot: number;
  readonly shared: boolean;
  /** Whether its protection can never allow stores (VM_MAYWRITE): shared, of a file that is open for reading only. */
  readonly readOnly: boolean;
  readonly file: MappableFile | undefined;
  /** File offset minus address. 0 for anonymous memory. */
  readonly delta: number;
  /** Of a private mapping: file offset of the first page that does not exist in the file. Access from there on is SIGBUS. */
  readonly fileEnd: number;
  readonly name: ByteString;
  /** The stack: mprotect(2) takes PROT_GROWSDOWN on it. */
  readonly growsDown: boolean;
  /** Whether its pages exist: content loaded, memory counted. PROT_NONE reservations are not until they are made accessible. */
  readonly committed: boolean;
  /** Set for a shared mapping of a file; for anonymous memory once several address spaces share it. */
  readonly sharedFile: SharedFile | undefined;
}

/** Whether no file of a filesystem backs it. */
export function isAnonymous({ file }: Pick<Mapping, "file">): boolean {
  return file === undefined || file.isAnonymous === true;
}

/** Whether two neighbours are one mapping (Linux's can_vma_merge). */
export function sameMapping(a: Mapping, b: Mapping): boolean {
  return (
    a.prot === b.prot &&
    a.committed === b.committed &&
    a.file === b.file &&
    a.delta === b.delta &&
    a.fileEnd === b.fileEnd &&
    a.shared === b.shared &&
    a.readOnly === b.readOnly &&
    a.name === b.name &&
    a.growsDown === b.growsDown &&
    a.sharedFile === b.sharedFile &&
    a.notForked === b.notForked &&
    a.wipedByFork === b.wipedByFork &&
    a.notDumped === b.notDumped &&
    a.locked === b.locked
  );
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
  readonly notDumped: boolean;
  readonly locked: boolean;
}

export function describe({ start, end, value }: Interval<Mapping>): Vma {
  const { prot, shared, file, delta, name, notDumped, locked } = value;
  return { start, end, prot, shared, file, offset: file === undefined ? 0 : start + delta, name, notDumped, locked };
}

/** What a mapping's pages allow. RISC-V has none that can be written but not read (privileged architecture, PTE encoding). */
export function accessOf(prot: number): number {
  const bits = prot & (ACCESS.READ | ACCESS.WRITE | ACCESS.EXEC);
  return (bits & ACCESS.WRITE) !== 0 ? bits | ACCESS.READ : bits;
}

/** First address of a private mapping's pages behind the end of its file; Infinity for anonymous memory. */
export function endOfFile({ file, fileEnd, delta }: Mapping): number {
  return file === undefined ? Number.POSITIVE_INFINITY : fileEnd - delta;
}

/** Rounds up to whole pages. What comes to 2 ** 64 wraps to 0, as in Linux's arithmetic (PAGE_ALIGN). */
export function pageUp(bytes: number): number {
  const rounded = Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE;
  return rounded < 2 ** 64 ? rounded : 0;
}

export function pageDown(bytes: number): number {
  return Math.floor(bytes / PAGE_SIZE) * PAGE_SIZE;
}
