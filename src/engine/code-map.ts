/**
 * The tables by which interpreted code finds translated code: a direct-mapped cache of code addresses in the kernel's arena,
 * and counters of how often an address was jumped to.
 *
 * Both are hashed by address and lossy: a lost code map entry costs a look-up in JavaScript, two addresses that share a
 * counter are translated a little early.
 */
import type { CodeBuilder } from "../base/wasm/code.ts";
import { LAYOUT } from "../machine/index.ts";

/**
 * The code map: `entries` records of two words, the address (0 for an empty record) and `slot | entry << 16`: the table slot
 * of the function that holds the code, and the number of its entry there. Two addresses that share a record cost a trip to
 * JavaScript each time that they take turns, so there are many more records than a large program has hot code.
 */
export const CODE_MAP = { base: LAYOUT.codeMap, entries: 0x8000, bytes: 0x4_0000 } as const;

/** The heat counters: u16 each. */
export const HEAT = { base: LAYOUT.heat, entries: 0x1_0000, bytes: 0x2_0000 } as const;

/** Byte address of the only code map record that can hold `pc`. */
export function codeMapRecord(pc: number): number {
  return CODE_MAP.base + (((pc >>> 1) & (CODE_MAP.entries - 1)) << 3);
}

/** Replaces the code address (i32) on the stack by its record's offset from {@link CODE_MAP}.base. */
export function emitCodeMapOffset(code: CodeBuilder): void {
  // ((pc >>> 1) & mask) << 3, in one shift less.
  code
    .i32(2)
    .op("i32_shl")
    .i32((CODE_MAP.entries - 1) << 3)
    .op("i32_and");
}

/** Byte address of the counter of `pc`. */
export function heatCounter(pc: number): number {
  return HEAT.base + (pc & ((HEAT.entries - 1) << 1));
}

/** Replaces the code address (i32) on the stack by its counter's offset from {@link HEAT}.base. */
export function emitHeatOffset(code: CodeBuilder): void {
  code.i32((HEAT.entries - 1) << 1).op("i32_and");
}
