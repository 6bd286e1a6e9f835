/** Where a random program lies in memory, and which registers it keeps for itself. */

/** Addresses. Everything from `dump` to `dumpEnd` is written to standard output at the end. */
export const PLACE = {
  code: 0x2_0000,
  /** x0 to x31, f0 to f31, fcsr: 8 bytes each. */
  dump: 0x40_0000,
  /** Loads and stores go to the page around here, `gp` and `s1`. */
  scratch: 0x40_1800,
  stack: 0x40_3400,
  dumpEnd: 0x40_3800,
  /** Operands worth trying: CONSTANTS of 8 bytes each, at `tp`. */
  constants: 0x40_3800,
  dataEnd: 0x40_4000,
} as const;

export const CONSTANTS = 256;

/** Bytes of a function's frame, and where the link lies in it: out of reach of random accesses by sp, compressed ones. */
export const FRAME = { size: 528, link: 520 } as const;

/** Registers with a fixed role: random instructions read them, but never write them. */
export const ROLE = {
  link: 1,
  stack: 2,
  scratch: 3,
  constants: 4,
  /** A second scratch pointer, within reach of the compressed loads. */
  nearScratch: 9,
  /** Sum of what was computed so far, so that an overwritten wrong result still shows. */
  hash: 25,
  innerCounter: 26,
  outerCounter: 27,
  /** Addresses and other temporaries; random instructions do not read it either. */
  temporary: 31,
} as const;

const reserved = new Set<number>(Object.values(ROLE));
const all = Array.from({ length: 32 }, (_, i) => i);

/** Registers that random instructions may write. x0 is among them. */
export const WRITABLE: readonly number[] = all.filter((i) => !reserved.has(i));

/** Registers that random instructions may read. */
export const READABLE: readonly number[] = all.filter((i) => i !== ROLE.temporary);
