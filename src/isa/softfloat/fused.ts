/**
 * a × b + c with one rounding, to nearest, from double-precision operations alone: what stands in for the processor's
 * instruction where wasm cannot reach it.
 *
 * Sylvie Boldo and Guillaume Melquiond, "Emulation of FMA and Correctly Rounded Sums: Proved Algorithms Using Rounding
 * to Odd" (IEEE Transactions on Computers 57(4), 2008).
 */

/** An error-free result: the rounded value and what rounding lost. */
interface Exact {
  value: number;
  error: number;
}

const scratch: Exact = { value: 0, error: 0 };
const word = new Float64Array(1);
const halves = new Int32Array(word.buffer);

/** What rounding a + b to `total` lost (Knuth). Exact unless `total` overflowed. */
export function sumError(a: number, b: number, total: number): number {
  const virtual = total - a;
  return a - (total - virtual) + (b - virtual);
}

/** 2^27 + 1 splits a double into two halves of at most 26 bits (Veltkamp). */
const SPLITTER = 2 ** 27 + 1;

/**
 * What rounding a × b to `product` lost (Dekker). Exact while factors are below 2^995 and the product is zero or above
 * 2^-968 in magnitude.
 */
export function productError(a: number, b: number, product: number): number {
  const ca = SPLITTER * a;
  const ah = ca - (ca - a);
  const al = a - ah;
  const cb = SPLITTER * b;
  const bh = cb - (cb - b);
  const bl = b - bh;
  return al * bl - (product - ah * bh - al * bh - ah * bl);
}

/** a + b rounded to odd: if inexact, to the neighbour whose last bit is one. That bit keeps a second rounding honest. */
function sumToOdd(a: number, b: number): number {
  const total = a + b;
  const error = sumError(a, b, total);
  if (error === 0) return total;
  word[0] = total;
  if ((halves[0]! & 1) !== 0) return total;
  // The exact sum lies on the side of the error; one step that way is odd. An inexact sum is never zero.
  const away = error > 0 === total > 0;
  const low = halves[0]!;
  if (away) halves[0] = low | 1;
  else {
    halves[0] = low - 1;
    if (low === 0) halves[1]!--;
  }
  return word[0]!;
}

const FACTOR_LIMIT = 2 ** 500;
const ADDEND_LIMIT = 2 ** 1000;
const PRODUCT_LEAST = 2 ** -900;

/**
 * @returns the fused result and whether it is inexact (`error` is not 0), or undefined outside the range where this is
 * proved: there no intermediate overflows or underflows
 */
export function fusedDouble(a: number, b: number, c: number): Exact | undefined {
  if (!(Math.abs(a) < FACTOR_LIMIT && Math.abs(b) < FACTOR_LIMIT && Math.abs(c) < ADDEND_LIMIT)) return undefined;
  const product = a * b;
  if (!(Math.abs(product) > PRODUCT_LEAST) || (c !== 0 && !(Math.abs(c) > PRODUCT_LEAST))) return undefined;
  const rest = productError(a, b, product);
  const low = c + rest;
  const lowError = sumError(c, rest, low);
  const high = product + low;
  const highError = sumError(product, low, high);
  const tail = sumToOdd(highError, lowError);
  const value = high + tail;
  // A zero's sign is the rounding mode's business, and what cancels that far may be tiny.
  if (!(Math.abs(value) > PRODUCT_LEAST)) return undefined;
  scratch.value = value;
  scratch.error = sumError(high, tail, value) !== 0 ? 1 : sumError(highError, lowError, highError + lowError);
  return scratch;
}

/** As {@link fusedDouble} for singles: their product is exact in a double. Always proved. */
export function fusedSingle(a: number, b: number, c: number): Exact {
  const sum = sumToOdd(a * b, c);
  scratch.value = Math.fround(sum);
  scratch.error = scratch.value === sum ? 0 : 1;
  return scratch;
}
