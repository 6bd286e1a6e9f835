/** Pages of memory that hold anything, and how two machines differ in them. */
import type { RecordedBytes } from "../../engine/replay/start-record.ts";
import type { Space } from "../../machine/engine.ts";
import { LAYOUT, PAGE_SIZE } from "../../machine/memory.ts";

/** Copies of pages, by address; what is not there is zero. */
export type Pages = ReadonlyMap<number, Uint8Array>;

/** Copies what a program may have in memory: all but the kernel's own part. */
export function pagesOf(space: Space): Pages {
  const { memory } = space;
  const pages = new Map<number, Uint8Array>();
  for (const [low, high] of [
    [LAYOUT.mapMin, LAYOUT.arenaLow],
    [LAYOUT.arenaHigh, memory.size],
  ] as const) {
    for (const { start, end } of space.usedRuns!(low, high))
      for (let page = start; page < end; page += PAGE_SIZE) pages.set(page, memory.u8.slice(page, page + PAGE_SIZE));
  }
  return pages;
}

const ZEROS = new Uint8Array(PAGE_SIZE);

/** What must be written over `from` so that it becomes `to`: whole pages, neighbours together. */
export function difference(from: Pages, to: Pages): readonly RecordedBytes[] {
  const runs: { at: number; pages: Uint8Array[] }[] = [];
  for (const page of [...new Set([...from.keys(), ...to.keys()])].sort((a, b) => a - b)) {
    const wanted = to.get(page) ?? ZEROS;
    if (Buffer.compare(wanted, from.get(page) ?? ZEROS) === 0) continue;
    const last = runs.at(-1);
    if (last !== undefined && last.at + last.pages.length * PAGE_SIZE === page) last.pages.push(wanted);
    else runs.push({ at: page, pages: [wanted] });
  }
  return runs.map(({ at, pages }) => ({ at, bytes: new Uint8Array(Buffer.concat(pages)) }));
}
