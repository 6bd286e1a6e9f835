/** Exact addition, multiplication, division, square root and fused multiply-add: bit patterns in, bit pattern out. */
import { FFLAG } from "../csr.ts";
import { ROUNDING } from "../fields.ts";
import {
  bitLength,
  type Context,
  type Float,
  type FloatFormat,
  infinity,
  invalid,
  quiet,
  round,
  unpack,
  zero,
} from "./float.ts";

type Finite = Extract<Float, { kind: "finite" }>;

export function add(format: FloatFormat, a: bigint, b: bigint, context: Context): bigint {
  return sum(format, unpack(format, a), unpack(format, b), context);
}

export function subtract(format: FloatFormat, a: bigint, b: bigint, context: Context): bigint {
  return add(format, a, b ^ format.signBit, context);
}

function sum(format: FloatFormat, x: Float, y: Float, context: Context): bigint {
  if (x.kind === "nan" || y.kind === "nan") return quiet(format, context, x, y);
  if (x.kind === "infinite") {
    if (y.kind === "infinite" && x.negative !== y.negative) return invalid(format, context);
    return infinity(format, x.negative);
  }
  if (y.kind === "infinite") return infinity(format, y.negative);
  return finiteSum(format, x, y, context);
}

function finiteSum(format: FloatFormat, x: Finite, y: Finite, context: Context): bigint {
  const exponent = Math.min(x.exponent, y.exponent);
  const total = scaled(x, exponent) + scaled(y, exponent);
  if (total === 0n) {
    // Zeros of one sign keep it; an exact cancellation is +0, but -0 when rounding down.
    return zero(format, x.negative === y.negative ? x.negative : context.mode === ROUNDING.RDN);
  }
  return round(format, total < 0n, total < 0n ? -total : total, exponent, context);
}

function scaled(x: Finite, exponent: number): bigint {
  const magnitude = x.significand << BigInt(x.exponent - exponent);
  return x.negative ? -magnitude : magnitude;
}

export function multiply(format: FloatFormat, a: bigint, b: bigint, context: Context): bigint {
  const product = exactProduct(unpack(format, a), unpack(format, b));
  if (product === undefined) return invalid(format, context);
  if (product.kind === "nan") return quiet(format, context, unpack(format, a), unpack(format, b));
  if (product.kind === "infinite") return infinity(format, product.negative);
  return round(format, product.negative, product.significand, product.exponent, context);
}

/** The product without any rounding; undefined for zero times infinity. */
function exactProduct(x: Float, y: Float): Float | undefined {
  if (x.kind === "nan" || y.kind === "nan") return { kind: "nan", signaling: false };
  const negative = x.negative !== y.negative;
  if (x.kind === "finite" && y.kind === "finite") {
    const significand = x.significand * y.significand;
    return { kind: "finite", negative, significand, exponent: x.exponent + y.exponent };
  }
  return isZero(x) || isZero(y) ? undefined : { kind: "infinite", negative };
}

function isZero(x: Float): boolean {
  return x.kind === "finite" && x.significand === 0n;
}

/** a × b + c with one rounding. Zero times infinity is invalid even if c is a quiet NaN. */
export function fusedMultiplyAdd(format: FloatFormat, a: bigint, b: bigint, c: bigint, context: Context): bigint {
  const [x, y, addend] = [unpack(format, a), unpack(format, b), unpack(format, c)];
  const product = exactProduct(x, y);
  if (product === undefined) return invalid(format, context);
  if (product.kind === "nan" || addend.kind === "nan") return quiet(format, context, x, y, addend);
  return sum(format, product, addend, context);
}

export function divide(format: FloatFormat, a: bigint, b: bigint, context: Context): bigint {
  const [x, y] = [unpack(format, a), unpack(format, b)];
  if (x.kind === "nan" || y.kind === "nan") return quiet(format, context, x, y);
  const negative = x.negative !== y.negative;
  if (x.kind === "infinite") return y.kind === "infinite" ? invalid(format, context) : infinity(format, negative);
  if (y.kind === "infinite") return zero(format, negative);
  if (y.significand === 0n) {
    if (x.significand === 0n) return invalid(format, context);
    context.flags |= FFLAG.DZ;
    return infinity(format, negative);
  }
  if (x.significand === 0n) return zero(format, negative);
  // Two bits more than the precision, and one that says whether anything is left, decide every rounding.
  const wanted = format.precision + 2 + bitLength(y.significand) - bitLength(x.significand);
  const shift = Math.max(0, wanted);
  const dividend = x.significand << BigInt(shift);
  const quotient = dividend / y.significand;
  const sticky = quotient * y.significand === dividend ? 0n : 1n;
  return round(format, negative, (quotient << 1n) | sticky, x.exponent - y.exponent - shift - 1, context);
}

export function squareRoot(format: FloatFormat, a: bigint, context: Context): bigint {
  const x = unpack(format, a);
  if (x.kind === "nan") return quiet(format, context, x);
  if (isZero(x)) return zero(format, x.negative);
  if (x.negative) return invalid(format, context);
  if (x.kind === "infinite") return infinity(format, false);
  const odd = x.exponent & 1;
  const pairs = format.precision + 2;
  const radicand = x.significand << BigInt(2 * pairs + odd);
  const root = integerSquareRoot(radicand);
  const sticky = root * root === radicand ? 0n : 1n;
  return round(format, false, (root << 1n) | sticky, (x.exponent - odd) / 2 - pairs - 1, context);
}

/** The greatest integer whose square does not exceed `value`, by Newton's iteration from above. */
function integerSquareRoot(value: bigint): bigint {
  let root = 1n << BigInt((bitLength(value) + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
