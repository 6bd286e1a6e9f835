/**
 * The frequent cases of out-of-line floating point, by the host's own doubles: rounding to nearest, ordinary operands.
 *
 * Each function leaves its result in `value` and says whether it was exact, or answers `UNKNOWN`, whereupon the exact
 * BigInt routines decide. What is "ordinary" is chosen so that no intermediate overflows or underflows and no
 * exception but NX can arise.
 */
import { fusedDouble, fusedSingle, productError, sumError } from "./fused.ts";
import type { Precision, SoftName } from "./operations.ts";

/** What a fast routine found out: the exceptions that the result raises (0 or NX), or that it cannot tell. */
type Verdict = 0 | 1 | -1;

const EXACT = 0;
const INEXACT = 1;
const UNKNOWN = -1;

/** Where a fast routine leaves its result. */
export const fast = { value: 0 };

export type FastRoutine = (a: number, b: number, c: number) => Verdict;

const verdict = (error: number): Verdict => (error === 0 ? EXACT : INEXACT);

const LEAST = 2 ** -480;
const GREATEST = 2 ** 480;

/** Whether Dekker's product and its inputs are far from both ends of the exponent range. */
function moderate(x: number): boolean {
  const magnitude = Math.abs(x);
  return magnitude > LEAST && magnitude < GREATEST;
}

const double: Partial<Record<SoftName, FastRoutine>> = {
  add(a, b) {
    fast.value = a + b;
    return Number.isFinite(fast.value) && Math.abs(a) < 2 ** 1000 && Math.abs(b) < 2 ** 1000
      ? verdict(sumError(a, b, fast.value))
      : UNKNOWN;
  },
  sub: (a, b, c) => double.add!(a, -b, c),
  mul(a, b) {
    fast.value = a * b;
    if (fast.value === 0) return a === 0 || b === 0 ? EXACT : UNKNOWN;
    return moderate(a) && moderate(b) ? verdict(productError(a, b, fast.value)) : UNKNOWN;
  },
  div(a, b) {
    fast.value = a / b;
    if (fast.value === 0) return a === 0 ? EXACT : UNKNOWN;
    if (!(moderate(a) && moderate(b) && moderate(fast.value))) return UNKNOWN;
    const product = fast.value * b;
    return product === a ? verdict(productError(fast.value, b, product)) : INEXACT;
  },
  sqrt(a) {
    fast.value = Math.sqrt(a);
    if (a === 0) return EXACT;
    if (!(a > 2 ** -900 && a < 2 ** 900)) return UNKNOWN;
    const square = fast.value * fast.value;
    return square === a ? verdict(productError(fast.value, fast.value, square)) : INEXACT;
  },
  fma(a, b, c) {
    const result = fusedDouble(a, b, c);
    if (result === undefined) return UNKNOWN;
    fast.value = result.value;
    return verdict(result.error);
  },
};

const LEAST_NORMAL_SINGLE = 2 ** -126;

/**
 * Rounds a double that is itself rounded at most once from the exact result. A double has more than twice the bits of a
 * single, so rounding twice is harmless for one sum, product, quotient or square root (Figueroa, "When is Double Rounding
 * Innocuous?", 1995).
 */
function single(rounded: number, exact: boolean): Verdict {
  fast.value = Math.fround(rounded);
  const lossless = exact && fast.value === rounded;
  if (!Number.isFinite(fast.value)) return UNKNOWN;
  if (Math.abs(fast.value) > LEAST_NORMAL_SINGLE) return lossless ? EXACT : INEXACT;
  return lossless ? EXACT : UNKNOWN;
}

const singles: Partial<Record<SoftName, FastRoutine>> = {
  add(a, b) {
    const total = a + b;
    return single(total, sumError(a, b, total) === 0);
  },
  sub: (a, b, c) => singles.add!(a, -b, c),
  mul: (a, b) => single(a * b, true),
  div(a, b) {
    const quotient = a / b;
    if (b === 0) return UNKNOWN;
    return single(quotient, Math.fround(quotient) * b === a);
  },
  sqrt(a) {
    const root = Math.sqrt(a);
    const rounded = Math.fround(root);
    return single(root, rounded * rounded === a);
  },
  fma(a, b, c) {
    const { value, error } = fusedSingle(a, b, c);
    return error === 0 || Math.abs(value) > LEAST_NORMAL_SINGLE ? single(value, error === 0) : UNKNOWN;
  },
};

/** The fast routine of an arithmetic operation, if it has one. Operands of `f32` must be singles. */
export const FAST: Readonly<Record<Precision, Partial<Record<SoftName, FastRoutine>>>> = { f32: singles, f64: double };
