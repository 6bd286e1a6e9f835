import { ET, elfHeader } from "../../abi/elf.ts";
import type { IntervalMap } from "../../base/interval-map.ts";
import { LAYOUT } from "../../machine/memory.ts";
import { readUpTo } from "./code-object.ts";
import type { MappableFile } from "./mappable.ts";
import type { Mapping } from "./mapping.ts";

/** Preferred bases of shared objects lie at multiples of this. */
const OBJECT_ALIGN = 0x1_0000;
/** As much of an object as tells it from others, if its content has no known digest: headers, notes with the build id. */
const PROBE_BYTES = 0x1000;

/** What is to be placed. */
export interface Placement {
  readonly length: number;
  readonly file: MappableFile | undefined;
  readonly align: number;
}

/**
 * Where a mapping goes if its caller leaves that open: the lowest free place from `floor` on; but a position-independent
 * ELF object goes to a base that follows from its content. Addresses are baked into translated code, so an object that
 * lies at the same address in every process and run is translated once.
 */
export function placeMapping(
  areas: IntervalMap<Mapping>,
  floor: number,
  { length, file, align }: Placement,
): number | undefined {
  if (file !== undefined && isSharedObject(file)) {
    const slots = (LAYOUT.objectHigh - LAYOUT.objectLow) / OBJECT_ALIGN;
    const preferred = LAYOUT.objectLow + (identityHash(file) % slots) * OBJECT_ALIGN;
    const step = Math.max(align, OBJECT_ALIGN);
    const place =
      areas.gap(preferred, LAYOUT.objectHigh, length, step) ??
      areas.gap(LAYOUT.objectLow, LAYOUT.objectHigh, length, step);
    if (place !== undefined) return place;
  }
  return areas.gap(floor, LAYOUT.end, length, align);
}

/** Whether a file begins like an ELF file. */
export function isElf(file: MappableFile): boolean {
  const [a, b, c, d] = readUpTo(file, 0, 4);
  return a === 0x7f && b === 0x45 && c === 0x4c && d === 0x46;
}

function isSharedObject(file: MappableFile): boolean {
  const head = readUpTo(file, 0, elfHeader.size);
  return isElf(file) && head.length === elfHeader.size && elfHeader.read(new DataView(head.buffer), 0).type === ET.DYN;
}

/** FNV-1a over the content's digest, or over what begins the file. It chooses places only; nothing trusts it. */
function identityHash(file: MappableFile): number {
  const key = file.contentKey?.();
  let hash = 0x811c9dc5;
  const mix = (byte: number): void => {
    hash = Math.imul(hash ^ byte, 0x01000193);
  };
  if (key !== undefined) for (let i = 0; i < key.length; i++) mix(key.charCodeAt(i));
  else for (const byte of readUpTo(file, 0, PROBE_BYTES)) mix(byte);
  return hash >>> 0;
}
