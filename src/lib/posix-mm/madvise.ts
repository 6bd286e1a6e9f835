/** madvise(2) (Linux mm/madvise.c). */
import { EINVAL, ENOMEM, type Result } from "../../abi/errno.ts";
import { MADV, PROT } from "../../abi/mman.ts";
import { roundUp } from "../../base/struct.ts";
import type { AddressSpace } from "../../kernel/mm/address-space.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import { LAYOUT, PAGE_SIZE } from "../../machine/memory.ts";
import { addressArg, lengthArg } from "./mm-args.ts";

/** One kind of advice for a range of whole pages that is not empty. */
type Advice = (mm: AddressSpace, start: number, length: number) => Result<0>;

/** Memory is never paged out and cores are never dumped: such advice is followed by doing nothing. */
const followed: Advice = (mm, start, length) => (mm.isMapped(start, length) ? 0 : ENOMEM);

const discard: Advice = (mm, start, length) => mm.discard(start, length);

/** Pages that may be freed are freed at once; only private anonymous memory can be. */
const free: Advice = (mm, start, length) =>
  hasOnly(mm, start, length, (area) => area.file === undefined && !area.shared) ? mm.discard(start, length) : EINVAL;

function populate(access: number): Advice {
  return (mm, start, length) => {
    if (!mm.isMapped(start, length)) return ENOMEM;
    return hasOnly(mm, start, length, (area) => (area.prot & access) === access) ? 0 : EINVAL;
  };
}

const ADVICE: ReadonlyMap<number, Advice> = new Map([
  [MADV.NORMAL, followed],
  [MADV.RANDOM, followed],
  [MADV.SEQUENTIAL, followed],
  [MADV.WILLNEED, followed],
  [MADV.COLD, followed],
  [MADV.PAGEOUT, followed],
  [MADV.DONTDUMP, followed],
  [MADV.DODUMP, followed],
  [MADV.DONTNEED, discard],
  [MADV.DONTNEED_LOCKED, discard],
  [MADV.FREE, free],
  [MADV.POPULATE_READ, populate(PROT.READ)],
  [MADV.POPULATE_WRITE, populate(PROT.WRITE)],
]);

export const madvise = syscall({
  name: "madvise",
  args: [addressArg, lengthArg, arg.name(MADV, "MADV_")],
  support: { partial: "no advice on fork, huge pages, merging or removal" },
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
