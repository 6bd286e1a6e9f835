import { PROT } from "../../abi/mman.ts";
import { RLIMIT } from "../../abi/resource.ts";
import type { ByteString } from "../../base/bytes.ts";
import { LAYOUT } from "../../machine/memory.ts";
import type { Areas } from "./areas.ts";
import { type Mapping, NO_ADVICE, pageUp } from "./mapping.ts";
import type { ProgramRegions } from "./program-regions.ts";

const HEAP: Mapping = {
  prot: PROT.READ | PROT.WRITE,
  shared: false,
  file: undefined,
  delta: 0,
  fileEnd: 0,
  name: "[heap]" as ByteString,
  growsDown: false,
  readOnly: false,
  committed: true,
  sharedFile: undefined,
  ...NO_ADVICE,
};

/** What a heap needs of its address space. */
export interface BreakContext {
  readonly areas: Areas;
  readonly mayGrow: (bytes: number, data: boolean) => boolean;
  readonly limit: (resource: number) => number;
}

/** Moves a program's break; answers the new one, or the old one if it cannot be moved (brk(2); mm/mmap.c). */
export function moveBreak(
  { areas, mayGrow, limit }: BreakContext,
  { startBrk, startData, endData }: ProgramRegions,
  from: number,
  to: number,
  locked: boolean,
): number {
  if (to < startBrk || to - startBrk + (endData - startData) > limit(RLIMIT.DATA)) return from;
  const [oldEnd, newEnd] = [pageUp(from), pageUp(to)];
  if (newEnd < oldEnd) areas.take(newEnd, oldEnd);
  if (newEnd <= oldEnd) return to;
  const ceiling = oldEnd <= LAYOUT.arenaLow ? LAYOUT.arenaLow : LAYOUT.end;
  if (newEnd > ceiling || areas.map.gap(oldEnd, newEnd, newEnd - oldEnd, 1) !== oldEnd) return from;
  return mayGrow(newEnd - oldEnd, true) && areas.put(oldEnd, newEnd, { ...HEAP, locked }) ? to : from;
}
