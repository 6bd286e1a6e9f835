/** Sets of the 64 architectural registers: x0 to x31 in one word, f0 to f31 in another. */

export interface RegisterSet {
  readonly x: number;
  readonly f: number;
}

export const NONE: RegisterSet = { x: 0, f: 0 };

/** The stack pointer: it passes from region to region as parameter and result, and so is in its local everywhere. */
export const SP = 2;

const INTEGERS: readonly RegisterSet[] = Array.from({ length: 32 }, (_, r) => ({ x: r === 0 ? 0 : 1 << r, f: 0 }));
const FLOATS: readonly RegisterSet[] = Array.from({ length: 32 }, (_, r) => ({ x: 0, f: 1 << r }));

/** The set of one integer register; x0 is never in a set. */
export function integer(register: number): RegisterSet {
  return INTEGERS[register]!;
}

export function float(register: number): RegisterSet {
  return FLOATS[register]!;
}

/** Calls `visit` with the number of each register of one half, ascending. */
export function each(half: number, visit: (register: number) => void): void {
  for (let rest = half; rest !== 0; rest &= rest - 1) visit(31 - Math.clz32(rest & -rest));
}
