/** Sets of the 64 architectural registers: x0 to x31 in one word, f0 to f31 in another. */

export interface RegisterSet {
  readonly x: number;
  readonly f: number;
}

export const NONE: RegisterSet = { x: 0, f: 0 };

export function union(a: RegisterSet, b: RegisterSet): RegisterSet {
  return { x: a.x | b.x, f: a.f | b.f };
}

export function without(a: RegisterSet, b: RegisterSet): RegisterSet {
  return { x: a.x & ~b.x, f: a.f & ~b.f };
}

export function equal(a: RegisterSet, b: RegisterSet): boolean {
  return a.x === b.x && a.f === b.f;
}

/** The set of one integer register; x0 is never in a set. */
export function integer(register: number): RegisterSet {
  return register === 0 ? NONE : { x: 1 << register, f: 0 };
}

export function float(register: number): RegisterSet {
  return { x: 0, f: 1 << register };
}

/** Calls `visit` with the number of each register of one half, ascending. */
export function each(half: number, visit: (register: number) => void): void {
  for (let rest = half; rest !== 0; rest &= rest - 1) visit(31 - Math.clz32(rest & -rest));
}
