/** Exact conversions, comparison, minimum and maximum. */
import { FFLAG } from "../csr.ts";
import {
  type Context,
  type Float,
  type FloatFormat,
  infinity,
  quiet,
  round,
  roundShift,
  unpack,
  zero,
} from "./float.ts";

/** Rounds to an integer between `least` and `greatest`; what does not fit saturates, NaN to the greatest, raising NV. */
export function toInteger(format: FloatFormat, a: bigint, least: bigint, greatest: bigint, context: Context): bigint {
  const x = unpack(format, a);
  if (x.kind !== "finite") {
    context.flags |= FFLAG.NV;
    return x.kind === "infinite" && x.negative ? least : greatest;
  }
  const [magnitude, inexact] = roundShift(x.significand, -x.exponent, x.negative, context.mode);
  const value = x.negative ? -magnitude : magnitude;
  if (value < least || value > greatest) {
    context.flags |= FFLAG.NV;
    return value < least ? least : greatest;
  }
  if (inexact) context.flags |= FFLAG.NX;
  return value;
}

export function fromInteger(format: FloatFormat, value: bigint, context: Context): bigint {
  return round(format, value < 0n, value < 0n ? -value : value, 0, context);
}

export function convert(from: FloatFormat, to: FloatFormat, a: bigint, context: Context): bigint {
  const x = unpack(from, a);
  if (x.kind === "nan") return quiet(to, context, x);
  if (x.kind === "infinite") return infinity(to, x.negative);
  return round(to, x.negative, x.significand, x.exponent, context);
}

/** feq: a quiet NaN is unequal to everything in silence. */
export function equal(format: FloatFormat, a: bigint, b: bigint, context: Context): bigint {
  const [x, y] = [unpack(format, a), unpack(format, b)];
  if (x.kind === "nan" || y.kind === "nan") {
    quiet(format, context, x, y);
    return 0n;
  }
  return order(format, a) === order(format, b) || (isZero(x) && isZero(y)) ? 1n : 0n;
}

/** minimumNumber or maximumNumber of IEEE 754-2019: a number wins against NaN, -0 is less than +0. */
export function choose(format: FloatFormat, which: "min" | "max", a: bigint, b: bigint, context: Context): bigint {
  const [x, y] = [unpack(format, a), unpack(format, b)];
  quiet(format, context, x, y);
  if (x.kind === "nan") return y.kind === "nan" ? format.canonicalNaN : b;
  if (y.kind === "nan") return a;
  const less = order(format, a) < order(format, b);
  return less === (which === "min") ? a : b;
}

/** Maps the bit patterns of numbers to integers in the same order, -0 before +0. */
function order(format: FloatFormat, bits: bigint): bigint {
  return (bits & format.signBit) === 0n ? bits : zero(format, true) - bits - 1n;
}

function isZero(x: Float): boolean {
  return x.kind === "finite" && x.significand === 0n;
}
