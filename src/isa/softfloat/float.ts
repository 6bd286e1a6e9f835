/**
 * Exact binary floating point over BigInt: taking bit patterns apart, and rounding exact values to a format.
 *
 * Follows IEEE 754-2019 as the RISC-V manual narrows it ("F: Single-Precision Floating-Point"): NaN results are
 * canonical, tininess is detected after rounding.
 */
import { FFLAG } from "../csr.ts";
import { ROUNDING } from "../fields.ts";
import type { Precision } from "./operations.ts";

/** A binary interchange format. */
export interface FloatFormat {
  /** Bits of the significand, the implicit one included. */
  readonly precision: number;
  readonly bias: number;
  readonly signBit: bigint;
  /** Exponent bits all ones, fraction zero. */
  readonly infinity: bigint;
  readonly quietBit: bigint;
  readonly canonicalNaN: bigint;
}

function makeFormat(precision: number, width: number): FloatFormat {
  const exponentBits = width - precision;
  const fraction = BigInt(precision - 1);
  const infinity = ((1n << BigInt(exponentBits)) - 1n) << fraction;
  const quietBit = 1n << (fraction - 1n);
  return {
    precision,
    bias: 2 ** (exponentBits - 1) - 1,
    signBit: 1n << BigInt(width - 1),
    infinity,
    quietBit,
    canonicalNaN: infinity | quietBit,
  };
}

export const FORMATS: Readonly<Record<Precision, FloatFormat>> = { f32: makeFormat(24, 32), f64: makeFormat(53, 64) };

/** A bit pattern taken apart. A finite value is ±significand × 2^exponent, exactly; zero has significand 0. */
export type Float =
  | { readonly kind: "finite"; readonly negative: boolean; readonly significand: bigint; readonly exponent: number }
  | { readonly kind: "infinite"; readonly negative: boolean }
  | { readonly kind: "nan"; readonly signaling: boolean };

/** The rounding mode of an operation, and the exceptions that it raised so far. */
export interface Context {
  readonly mode: number;
  flags: number;
}

export function unpack(format: FloatFormat, bits: bigint): Float {
  const negative = (bits & format.signBit) !== 0n;
  const magnitude = bits & (format.signBit - 1n);
  if (magnitude > format.infinity) return { kind: "nan", signaling: (bits & format.quietBit) === 0n };
  if (magnitude === format.infinity) return { kind: "infinite", negative };
  const width = BigInt(format.precision - 1);
  const biased = Number(magnitude >> width);
  const fraction = magnitude & ((1n << width) - 1n);
  const significand = biased === 0 ? fraction : fraction | (1n << width);
  return {
    kind: "finite",
    negative,
    significand,
    exponent: Math.max(biased, 1) - format.bias - (format.precision - 1),
  };
}

export function zero(format: FloatFormat, negative: boolean): bigint {
  return negative ? format.signBit : 0n;
}

export function infinity(format: FloatFormat, negative: boolean): bigint {
  return zero(format, negative) | format.infinity;
}

/** The result of an operation that has none: the canonical NaN, raising NV. */
export function invalid(format: FloatFormat, context: Context): bigint {
  context.flags |= FFLAG.NV;
  return format.canonicalNaN;
}

/** The result of an operation on a NaN: the canonical one, raising NV if an operand is signalling. */
export function quiet(format: FloatFormat, context: Context, ...operands: readonly Float[]): bigint {
  if (operands.some((x) => x.kind === "nan" && x.signaling)) context.flags |= FFLAG.NV;
  return format.canonicalNaN;
}

/** Number of bits of a positive integer. */
export function bitLength(value: bigint): number {
  const digits = value.toString(16);
  return digits.length * 4 - Math.clz32(Number.parseInt(digits[0]!, 16)) + 28;
}

/**
 * Drops `shift` bits of an integer, rounding as the context says.
 *
 * @returns the rounded quotient and whether anything was lost
 */
export function roundShift(value: bigint, shift: number, negative: boolean, mode: number): [bigint, boolean] {
  if (shift <= 0) return [value << BigInt(-shift), false];
  const quotient = value >> BigInt(shift);
  const rest = value - (quotient << BigInt(shift));
  if (rest === 0n) return [quotient, false];
  return [roundsUp(quotient, rest, 1n << BigInt(shift - 1), negative, mode) ? quotient + 1n : quotient, true];
}

function roundsUp(quotient: bigint, rest: bigint, half: bigint, negative: boolean, mode: number): boolean {
  switch (mode) {
    case ROUNDING.RTZ:
      return false;
    case ROUNDING.RDN:
      return negative;
    case ROUNDING.RUP:
      return !negative;
    case ROUNDING.RMM:
      return rest >= half;
    default:
      return rest > half || (rest === half && (quotient & 1n) === 1n);
  }
}

/** Rounds ±significand × 2^exponent to the format and raises NX, UF and OF as due. */
export function round(
  format: FloatFormat,
  negative: boolean,
  significand: bigint,
  exponent: number,
  context: Context,
): bigint {
  if (significand === 0n) return zero(format, negative);
  const { precision, bias } = format;
  const leading = exponent + bitLength(significand) - 1;
  const least = 1 - bias;
  let quantum = Math.max(leading, least) - (precision - 1);
  let [rounded, inexact] = roundShift(significand, quantum - exponent, negative, context.mode);
  if (inexact) {
    context.flags |= FFLAG.NX;
    if (leading < least && isTiny()) context.flags |= FFLAG.UF;
  }
  if (rounded >> BigInt(precision) !== 0n) {
    rounded >>= 1n;
    quantum++;
  }
  if (quantum + precision - 1 > bias) return overflow(format, negative, context);
  const hidden = 1n << BigInt(precision - 1);
  const biased = rounded < hidden ? 0n : BigInt(quantum + precision - 1 + bias);
  return zero(format, negative) | (biased << BigInt(precision - 1)) | (rounded & (hidden - 1n));

  /** Whether the value stays below the least normal when rounded with an unbounded exponent. */
  function isTiny(): boolean {
    if (leading < least - 1) return true;
    const [unbounded] = roundShift(significand, leading - (precision - 1) - exponent, negative, context.mode);
    return unbounded >> BigInt(precision) === 0n;
  }
}

/** Infinity, or the greatest finite number where the rounding mode leads away from infinity. */
function overflow(format: FloatFormat, negative: boolean, context: Context): bigint {
  context.flags |= FFLAG.OF | FFLAG.NX;
  const { mode } = context;
  const toInfinity =
    mode === ROUNDING.RNE || mode === ROUNDING.RMM || mode === (negative ? ROUNDING.RDN : ROUNDING.RUP);
  return toInfinity ? infinity(format, negative) : infinity(format, negative) - 1n;
}
