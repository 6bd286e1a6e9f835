/** madvise(2) (Linux mm/madvise.c). */
import { EFAULT, EINVAL, ENOMEM, type Result } from "../../abi/errno.ts";
import { MADV, PROT } from "../../abi/mman.ts";
import { roundUp } from "../../base/struct.ts";
import type { AddressSpace } from "../../kernel/mm/address-space.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import { LAYOUT, PAGE_SIZE } from "../../machine/memory.ts";
import { isPartlyLocked } from "./locked.ts";
import { addressArg, lengthArg } from "./mm-args.ts";

/** One kind of advice for a range of whole pages that is not empty. */
type Advice = (mm: AddressSpace, start: number, length: number) => Result<0>;

/** Memory is never paged out: such advice is followed by doing nothing. */
const followed: Advice = (mm, start, length) => (mm.isMapped(start, length) ? 0 : ENOMEM);

/** The same of advice that locked memory does not take (can_madv_lru_vma). */
const followedUnlessLocked: Advice = (mm, start, length) =>
  isPartlyLocked(mm, start, length) ? EINVAL : followed(mm, start, length);

const discard: Advice = (mm, start, length) => mm.discard(start, length);

const discardLocked: Advice = (mm, start, length) => mm.discard(start, length, true);

/** Pages that may be freed are freed at once; only private anonymous memory can be. */
const free: Advice = (mm, start, length) =>
  hasOnly(mm, start, length, (area) => area.file === undefined && !area.shared) ? mm.discard(start, length) : EINVAL;

function noted(advice: Parameters<AddressSpace["advise"]>[2]): Advice {
  return (mm, start, length) => mm.advise(start, length, advice);
}

/** Faults pages in, one mapping after the other (madvise_populate). */
function populate(access: number): Advice {
  return (mm, start, length) => {
    let reached = start;
    for (const area of mm.areas()) {
      if (area.end <= reached || area.start >= start + length) continue;
      if (area.start > reached) return ENOMEM;
      if ((area.prot & access) !== access) return EINVAL;
      const end = Math.min(area.end, start + length);
      if (!mm.allows(reached, end - reached, access)) return EFAULT;
      reached = end;
    }
    return reached < start + length ? ENOMEM : 0;
  };
}

const ADVICE: ReadonlyMap<number, Advice> = new Map([
  [MADV.NORMAL, followed],
  [MADV.RANDOM, followed],
  [MADV.SEQUENTIAL, followed],
  [MADV.WILLNEED, followed],
  [MADV.COLD, followedUnlessLocked],
  [MADV.PAGEOUT, followedUnlessLocked],
  [MADV.DONTFORK, noted({ notForked: true })],
  [MADV.DOFORK, noted({ notForked: false })],
  [MADV.WIPEONFORK, noted({ wipedByFork: true })],
  [MADV.KEEPONFORK, noted({ wipedByFork: false })],
  [MADV.DONTDUMP, noted({ notDumped: true })],
  [MADV.DODUMP, noted({ notDumped: false })],
  [MADV.DONTNEED, discard],
  [MADV.DONTNEED_LOCKED, discardLocked],
  [MADV.FREE, free],
  [MADV.POPULATE_READ, populate(PROT.READ)],
  [MADV.POPULATE_WRITE, populate(PROT.WRITE)],
]);

export const madvise = syscall({
  name: "madvise",
  args: [addressArg, lengthArg, arg.name(MADV, "MADV_")],
  support: { partial: "no advice on huge pages, merging or removal" },
  run(task, start, length, advice) {
    const follow = ADVICE.get(advice);
    if (follow === undefined || start % PAGE_SIZE !== 0) return EINVAL;
    const rounded = roundUp(length, PAGE_SIZE);
    if (start + rounded >= 2 ** 64) return EINVAL;
    if (rounded === 0) return 0;
    return start + rounded > LAYOUT.end ? ENOMEM : follow(task.mm, start, rounded);
  },
});

type Area = NonNullable<ReturnType<AddressSpace["areaAt"]>>;

function hasOnly(mm: AddressSpace, start: number, length: number, fits: (area: Area) => boolean): boolean {
  for (const area of mm.areas()) {
    if (area.start < start + length && area.end > start && !fits(area)) return false;
  }
  return true;
}
