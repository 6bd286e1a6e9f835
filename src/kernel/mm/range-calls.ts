/** System calls over a range of addresses that leave mappings where they are. The order of checks is that of Linux mm/. */
import { EACCES, EINVAL, ENOMEM, Errno, type Result } from "../../abi/errno.ts";
import { PROT } from "../../abi/mman.ts";
import type { Interval } from "../../base/interval-map.ts";
import { PAGE_SIZE } from "../../machine/memory.ts";
import { type Areas, isData } from "./areas.ts";
import { type Advice, isAnonymous, type Mapping, pageUp } from "./mapping.ts";

/** What mprotect(2) needs of the address space. */
export interface ProtectContext {
  readonly areas: Areas;
  /** See {@link AddressSpace}: whether so much more may be mapped, and so much more be data. */
  readonly mayGrow: (bytes: number, data: boolean, dataBytes?: number) => boolean;
  /** The program relies on faults being precise. */
  readonly requirePreciseFaults: () => void;
}

/** mprotect(2): do_mprotect_pkey of mm/mprotect.c. What lies before a hole is changed, then the answer is ENOMEM. */
export function protectRange(context: ProtectContext, address: number, length: number, prot: number): Result<0> {
  const { areas, mayGrow, requirePreciseFaults } = context;
  const grows = prot & (PROT.GROWSDOWN | PROT.GROWSUP);
  if (grows === (PROT.GROWSDOWN | PROT.GROWSUP) || address % PAGE_SIZE !== 0) return EINVAL;
  if (length === 0) return 0;
  let start = address;
  const end = address + pageUp(length);
  if (end <= start || end > 2 ** 64) return ENOMEM;
  if ((prot & ~(PROT.READ | PROT.WRITE | PROT.EXEC | PROT.SEM | grows)) !== 0) return EINVAL;
  const first = areas.map.at(start);
  if (first === undefined) return ENOMEM;
  if (grows !== 0) {
    // No mapping grows up here.
    if (grows === PROT.GROWSUP || !first.value.growsDown) return EINVAL;
    start = first.start;
  }
  const access = prot & (PROT.READ | PROT.WRITE | PROT.EXEC);
  let reached = start;
  for (const part of areas.map.within(start, end)) {
    if (part.start > reached) return ENOMEM;
    const { readOnly, prot: old, committed } = part.value;
    if (readOnly && (access & PROT.WRITE) !== 0) return EACCES;
    const becomesData = isData({ ...part.value, prot: access }) && !isData(part.value);
    if (becomesData && !mayGrow(0, true, part.end - part.start)) return ENOMEM;
    if (!areas.protect(part, access)) return ENOMEM;
    if (isAnonymous(part.value) && committed && reliesOnProtection(old, access)) requirePreciseFaults();
    reached = part.end;
  }
  return reached < end ? ENOMEM : 0;
}

/**
 * Whether taking access away means that the program wants to be told of it: a guard page, a write barrier. Writable memory
 * that becomes executable is a compiler that finished, and relocated data of a file that becomes read-only is the
 * dynamic linker's hardening (that is no anonymous memory); both go on without.
 */
function reliesOnProtection(old: number, access: number): boolean {
  return (old & ~access) !== 0 && (access & PROT.EXEC) === 0;
}

/**
 * MADV_DONTNEED: anonymous memory reads zero, private file memory its file again, shared memory stays.
 *
 * @param sp - of the task that asks.
 */
export function discardRange(
  areas: Areas,
  address: number,
  length: number,
  sp: number,
  evenLocked: boolean,
): Result<0> {
  return visit(areas, address, length, (part) => {
    if (part.value.locked && !evenLocked) return EINVAL;
    if (part.value.committed && !part.value.shared) areas.discard(part, sp);
    return undefined;
  });
}

/** Keeps in mind what is to be done with a range. Only private anonymous memory can be wiped. */
export function adviseRange(areas: Areas, address: number, length: number, advice: Partial<Advice>): Result<0> {
  return visit(areas, address, length, (part) => {
    if (advice.wipedByFork && (part.value.file !== undefined || part.value.shared)) return EINVAL;
    areas.note(part, advice);
    return undefined;
  });
}

/** mlock(2), munlock(2): up to the first hole (apply_vma_lock_flags). */
export function lockRange(areas: Areas, address: number, length: number, locked: boolean): Result<0> {
  let reached = address;
  for (const part of areas.map.within(address, address + pageUp(length))) {
    if (part.start > reached) break;
    areas.note(part, { locked });
    reached = part.end;
  }
  return reached < address + length ? ENOMEM : 0;
}

/** msync(2): writes shared file mappings back, and the files to where they are kept. */
export function syncRange(areas: Areas, address: number, length: number): Result<0> {
  return visit(areas, address, length, ({ start, end, value: { sharedFile, file, delta } }) => {
    sharedFile?.flush(start + delta, end - start);
    const synced = sharedFile === undefined ? 0 : file?.sync?.();
    return synced instanceof Errno ? synced : undefined;
  });
}

/**
 * Does something to each mapping in a range, until it fails. ENOMEM if part of the range is not mapped, after the rest was done
 * (madvise_walk_vmas).
 */
function visit(
  { map }: Areas,
  address: number,
  length: number,
  act: (part: Interval<Mapping>) => Errno | undefined,
): Result<0> {
  const end = address + pageUp(length);
  for (const part of map.within(address, end)) {
    const refused = act(part);
    if (refused !== undefined) return refused;
  }
  return map.covers(address, end) ? 0 : ENOMEM;
}
