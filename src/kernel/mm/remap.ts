import { EAGAIN, EFAULT, EINVAL, ENOMEM, Errno, type Result } from "../../abi/errno.ts";
import { MREMAP, PROT } from "../../abi/mman.ts";
import type { Interval } from "../../base/interval-map.ts";
import { LAYOUT, PAGE_SIZE } from "../../machine/memory.ts";
import { type Areas, isData } from "./areas.ts";
import { type Mapping, pageUp } from "./mapping.ts";

/** mremap(2)'s arguments; within this module lengths are whole pages. */
export interface Move {
  readonly old: number;
  readonly oldLength: number;
  readonly newLength: number;
  readonly flags: number;
  readonly newAddress: number;
}

/** What a move needs of its address space. */
export interface MoveContext {
  readonly areas: Areas;
  readonly mayGrow: (bytes: number, data: boolean) => boolean;
  /** Whether RLIMIT_MEMLOCK allows more. */
  readonly mayLock: (bytes: number) => boolean;
  readonly place: (length: number) => Result<number>;
  readonly taskSize: number;
}

/** Shrinks, grows or moves a mapping: do_mremap of mm/mremap.c. */
export function moveMapping(context: MoveContext, move: Move): Result<number> {
  const pages = { ...move, oldLength: pageUp(move.oldLength), newLength: pageUp(move.newLength) };
  const refused = checkMove(pages, context.taskSize);
  if (refused !== undefined) return refused;
  const { areas } = context;
  const { old, oldLength, newLength, flags } = pages;
  if ((flags & MREMAP.FIXED) !== 0 && oldLength === newLength) return moveAll(context, pages);
  const area = areaAt(areas, pages);
  if (area === undefined) return EFAULT;
  if ((flags & (MREMAP.FIXED | MREMAP.DONTUNMAP)) !== 0) return moveTo(context, pages, area);
  if (oldLength >= newLength) {
    if (oldLength > context.taskSize - old) return EINVAL;
    areas.take(old + newLength, old + oldLength);
    return old;
  }
  const sized = checkSize(context, pages, area);
  if (sized !== undefined) return sized;
  const end = old + oldLength;
  if (end === area.end && fits(areas, end, old + newLength)) {
    return areas.put(end, old + newLength, area.value) ? old : ENOMEM;
  }
  if ((flags & MREMAP.MAYMOVE) === 0) return ENOMEM;
  const target = context.place(newLength);
  return target instanceof Errno ? target : transfer(areas, area.value, pages, target);
}

/** What is at the old place. Of shared memory, what comes in or is seen twice may be shown elsewhere too. */
function areaAt(areas: Areas, { old, oldLength, newLength, flags }: Move): Interval<Mapping> | undefined {
  const area = areas.map.at(old);
  if (area?.value.shared && (newLength > oldLength || (flags & MREMAP.DONTUNMAP) !== 0)) areas.splitShared();
  return areas.map.at(old);
}

/** remap_move: several mappings may be moved in one go, with the gaps between them, if nothing else changes. */
function moveAll(context: MoveContext, move: Move): Result<number> {
  const { old, oldLength, newAddress } = move;
  if (context.areas.map.at(old) === undefined) return EFAULT;
  for (const area of context.areas.map.within(old, old + oldLength)) {
    const length = area.end - area.start;
    const to = newAddress + area.start - old;
    const one = { ...move, old: area.start, oldLength: length, newLength: length, newAddress: to };
    const moved = moveTo(context, one, { ...area, value: areaAt(context.areas, one)!.value });
    if (moved instanceof Errno) return moved;
  }
  return newAddress;
}

/** mremap_to: the target is given, or must at least not be the source (MREMAP_DONTUNMAP). */
function moveTo(context: MoveContext, move: Move, area: Interval<Mapping>): Result<number> {
  const { areas } = context;
  const { old, oldLength, newLength, newAddress, flags } = move;
  const sized = checkSize(context, move, area);
  if (sized !== undefined) return sized;
  const fixed = (flags & MREMAP.FIXED) !== 0;
  if (fixed) areas.take(newAddress, newAddress + newLength);
  if (oldLength > newLength) areas.take(old + newLength, old + oldLength);
  const target = fixed ? newAddress : context.place(newLength);
  return target instanceof Errno ? target : transfer(areas, area.value, move, target);
}

/** check_mremap_params: what is wrong whatever is mapped. */
function checkMove({ old, oldLength, newLength, flags, newAddress }: Move, taskSize: number): Errno | undefined {
  const { MAYMOVE, FIXED, DONTUNMAP } = MREMAP;
  if ((flags & ~(MAYMOVE | FIXED | DONTUNMAP)) !== 0) return EINVAL;
  if ((flags & (FIXED | DONTUNMAP)) !== 0 && (flags & MAYMOVE) === 0) return EINVAL;
  if ((flags & DONTUNMAP) !== 0 && oldLength !== newLength) return EINVAL;
  if (old % PAGE_SIZE !== 0 || newLength === 0 || newLength > taskSize) return EINVAL;
  if ((flags & FIXED) === 0) return undefined;
  if (newAddress % PAGE_SIZE !== 0 || newAddress > taskSize - newLength) return EINVAL;
  if (old + oldLength > newAddress && newAddress + newLength > old) return EINVAL;
  return newAddress < LAYOUT.arenaHigh || newAddress + newLength > LAYOUT.end ? ENOMEM : undefined;
}

/** check_prep_vma: what may be moved at all, and whether limits allow the growth. */
function checkSize(
  context: MoveContext,
  { old, oldLength, newLength }: Move,
  area: Interval<Mapping>,
): Errno | undefined {
  // A length of 0 duplicates a shared mapping.
  if (oldLength === 0 && !area.value.shared) return EINVAL;
  // What a shrinking one leaves behind may end anywhere.
  if (Math.min(oldLength, newLength) > area.end - old) return EFAULT;
  if (newLength > oldLength && area.value.locked && !context.mayLock(newLength - oldLength)) return EAGAIN;
  return context.mayGrow(newLength - oldLength, isData(area.value)) ? undefined : ENOMEM;
}

/** Whether the place right behind a mapping is free, and not the kernel's own. */
function fits(areas: Areas, from: number, to: number): boolean {
  if (to > LAYOUT.end || (from <= LAYOUT.arenaLow && to > LAYOUT.arenaLow)) return false;
  return areas.map.gap(from, to, to - from, 1) === from;
}

function transfer(areas: Areas, mapping: Mapping, move: Move, to: number): Result<number> {
  const { old, newLength, flags } = move;
  const length = Math.min(move.oldLength, newLength);
  const moved: Mapping = mapping.file === undefined ? mapping : { ...mapping, delta: mapping.delta + old - to };
  // The old range stays mapped and reads as if it were new.
  const keep = (flags & MREMAP.DONTUNMAP) !== 0;
  // The bytes of a shared file go by way of the file.
  mapping.sharedFile?.keepBytes();
  if (mapping.sharedFile !== undefined && !keep) areas.take(old, old + length);
  if (!areas.put(to, to + newLength, moved)) return ENOMEM;
  if (keep) areas.note({ start: old, end: old + length, value: mapping }, { locked: false });
  if (mapping.sharedFile !== undefined) return to;
  if (mapping.committed) areas.copy(to, old, length);
  if (keep) areas.reload({ start: old, end: old + length, value: mapping });
  else areas.take(old, old + length);
  if ((mapping.prot & PROT.EXEC) !== 0) areas.invalidate(to, to + newLength);
  return to;
}
