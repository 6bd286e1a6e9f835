import { EFAULT, EINVAL, ENOMEM, Errno, type Result } from "../../abi/errno.ts";
import { MREMAP, PROT } from "../../abi/mman.ts";
import type { Interval } from "../../base/interval-map.ts";
import { LAYOUT, PAGE_SIZE } from "../../machine/memory.ts";
import { type Areas, isData } from "./areas.ts";
import { type Mapping, pageUp } from "./mapping.ts";

/** mremap(2)'s arguments, as they come. */
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
  readonly place: (length: number) => Result<number>;
  readonly taskSize: number;
}

/** Shrinks, grows or moves a mapping: SYSCALL_DEFINE5(mremap) of mm/mremap.c. */
export function moveMapping(context: MoveContext, move: Move): Result<number> {
  const refused = checkFlags(move, context.taskSize);
  if (refused !== undefined) return refused;
  const { areas } = context;
  const { old } = move;
  const oldLength = pageUp(move.oldLength);
  const newLength = pageUp(move.newLength);
  const area = areas.map.at(old);
  if (area === undefined) return EFAULT;
  if ((move.flags & (MREMAP.FIXED | MREMAP.DONTUNMAP)) !== 0) return moveTo(context, move, area, oldLength, newLength);
  if (oldLength === 0) return EINVAL;
  if (oldLength >= newLength) {
    if (oldLength > context.taskSize - old) return EINVAL;
    areas.take(old + newLength, old + oldLength);
    return old;
  }
  const sized = checkSize(context, area, move, oldLength, newLength);
  if (sized !== undefined) return sized;
  const end = old + oldLength;
  if (end === area.end && fits(areas, end, old + newLength)) {
    return areas.put(end, old + newLength, area.value) ? old : ENOMEM;
  }
  if ((move.flags & MREMAP.MAYMOVE) === 0) return ENOMEM;
  const target = context.place(newLength);
  return target instanceof Errno
    ? target
    : transfer(areas, area.value, { from: old, oldLength, to: target, newLength, keep: false });
}

/** mremap_to: the target is given, or must at least not be the source (MREMAP_DONTUNMAP). */
function moveTo(
  context: MoveContext,
  move: Move,
  area: Interval<Mapping>,
  oldLength: number,
  newLength: number,
): Result<number> {
  const { areas } = context;
  const { old, newAddress, flags } = move;
  const fixed = (flags & MREMAP.FIXED) !== 0;
  const keep = (flags & MREMAP.DONTUNMAP) !== 0;
  if (fixed) {
    if (newAddress % PAGE_SIZE !== 0 || newLength > context.taskSize || newAddress > context.taskSize - newLength)
      return EINVAL;
    if (old + oldLength > newAddress && newAddress + newLength > old) return EINVAL;
    if (newAddress < LAYOUT.arenaHigh || newAddress + newLength > LAYOUT.end) return ENOMEM;
    areas.take(newAddress, newAddress + newLength);
  }
  if (oldLength > newLength) areas.take(old + newLength, old + oldLength);
  const moved = Math.min(oldLength, newLength);
  const sized = checkSize(context, area, move, moved, newLength);
  if (sized !== undefined) return sized;
  const target = fixed ? newAddress : context.place(newLength);
  return target instanceof Errno
    ? target
    : transfer(areas, area.value, { from: old, oldLength: moved, to: target, newLength, keep });
}

function checkFlags({ old, flags, ...lengths }: Move, taskSize: number): Result<never> | undefined {
  const { MAYMOVE, FIXED, DONTUNMAP } = MREMAP;
  if ((flags & ~(MAYMOVE | FIXED | DONTUNMAP)) !== 0) return EINVAL;
  if ((flags & (FIXED | DONTUNMAP)) !== 0 && (flags & MAYMOVE) === 0) return EINVAL;
  const [oldLength, newLength] = [pageUp(lengths.oldLength), pageUp(lengths.newLength)];
  if ((flags & DONTUNMAP) !== 0 && oldLength !== newLength) return EINVAL;
  return old % PAGE_SIZE !== 0 || newLength === 0 || newLength > taskSize ? EINVAL : undefined;
}

/** vma_to_resize: what may be moved at all, and whether limits allow the growth. */
function checkSize(
  context: MoveContext,
  area: Interval<Mapping>,
  { old, flags }: Move,
  oldLength: number,
  newLength: number,
): Result<never> | undefined {
  // On Linux a length of 0 duplicates a shared mapping. Guest memory has each page once: refused as for private memory.
  if (oldLength === 0) return EINVAL;
  if ((flags & MREMAP.DONTUNMAP) !== 0 && area.value.file !== undefined) return EINVAL;
  if (oldLength > area.end - old) return EFAULT;
  return context.mayGrow(newLength - oldLength, isData(area.value)) ? undefined : ENOMEM;
}

/** Whether the place right behind a mapping is free, and not the kernel's own. */
function fits(areas: Areas, from: number, to: number): boolean {
  if (to > LAYOUT.end || (from <= LAYOUT.arenaLow && to > LAYOUT.arenaLow)) return false;
  return areas.map.gap(from, to, to - from, 1) === from;
}

interface Transfer {
  readonly from: number;
  readonly oldLength: number;
  readonly to: number;
  readonly newLength: number;
  /** MREMAP_DONTUNMAP: the old range stays mapped and reads zero. */
  readonly keep: boolean;
}

function transfer(areas: Areas, mapping: Mapping, { from, oldLength, to, newLength, keep }: Transfer): Result<number> {
  const moved: Mapping = mapping.file === undefined ? mapping : { ...mapping, delta: mapping.delta + from - to };
  // The bytes of a shared file go by way of the file.
  if (mapping.sharedFile !== undefined) areas.take(from, from + oldLength);
  if (!areas.put(to, to + newLength, moved)) return ENOMEM;
  if (mapping.sharedFile !== undefined) return to;
  if (mapping.committed) areas.copy(to, from, Math.min(oldLength, newLength));
  if (keep) areas.reload({ start: from, end: from + oldLength, value: mapping });
  else areas.take(from, from + oldLength);
  if ((mapping.prot & PROT.EXEC) !== 0) areas.invalidate(to, to + newLength);
  return to;
}
