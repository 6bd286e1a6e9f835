/** Random operands: registers, immediates, rounding modes, and the table of values worth trying. */
import { type Fields, OPERANDS, type OperandName, ROUNDING } from "../fields.ts";
import { CONSTANTS, READABLE, WRITABLE } from "./layout.ts";
import type { Random } from "./prng.ts";

const MODES = [ROUNDING.RNE, ROUNDING.RTZ, ROUNDING.RDN, ROUNDING.RUP, ROUNDING.RMM];

/** A value for one operand; registers obey the roles of layout.ts. */
export function randomOperand(name: OperandName, random: Random): number {
  const { file, fields, range } = OPERANDS[name]!;
  const [least, greatest, step] = range;
  if (file === "x" && range[1] === 31) return random.pick(fields.includes("rd") ? WRITABLE : READABLE);
  if (name === "rm") return random.chance(0.6) ? ROUNDING.DYN : random.pick(MODES);
  if (name === "erm") return ROUNDING.RNE;
  if (random.chance(0.2))
    return random.pick([least, greatest, least < 0 ? -step : least, Math.min(step, greatest)]) | 0;
  return (least + random.below((greatest - least) / step + 1) * step) | 0;
}

/** Values for all operands of a row. A register that is both read and written is one that may be written. */
export function randomFields(operands: readonly OperandName[], random: Random): Partial<Fields> {
  const values: Partial<Fields> = {};
  for (const name of operands) {
    const value = randomOperand(name, random);
    for (const field of OPERANDS[name]!.fields) values[field] = value;
  }
  return values;
}

const INTEGERS = [
  0n,
  1n,
  -1n,
  2n,
  31n,
  32n,
  63n,
  64n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  1n << 63n,
  (1n << 63n) - 1n,
];

/** Numbers where conversions change their minds: the bounds of the integer types, halves, what a single cannot hold. */
const DOUBLES = [
  ...[0, -0, 0.5, 1, 1.5, 2.5, 3, 0.1, 1e300, 1e-300, 2 ** -126, 2 ** -149, 2 ** 127],
  ...[31, 32, 63, 64].flatMap((n) => [2 ** n, 2 ** n - 1, 2 ** n - 0.5, 2 ** n * (1 - 2 ** -53)]),
].flatMap((value) => [value, -value]);

/** Bit patterns at the edges of a format with this many fraction bits and this exponent mask. */
function edges(fraction: bigint, infinity: bigint): bigint[] {
  const least = 1n << fraction;
  return [0n, 1n, least - 1n, least, least + 1n, infinity - 1n, infinity, infinity | 1n, infinity | (least >> 1n)];
}

const DOUBLE_EDGES = edges(52n, 0x7ffn << 52n);
const SINGLE_EDGES = edges(23n, 0xffn << 23n);
const BOX = 0xffff_ffff_0000_0000n;

/** The table of operands that a program carries: integers, doubles, NaN-boxed singles, and bits that are no single. */
export function randomConstants(random: Random): BigUint64Array {
  return BigUint64Array.from({ length: CONSTANTS }, () => BigInt.asUintN(64, randomConstant(random)));
}

function randomConstant(random: Random): bigint {
  const sign = random.long() & 1n;
  switch (random.below(10)) {
    case 0:
      return random.pick(INTEGERS);
    case 1:
      return random.long() >> BigInt(random.below(64));
    case 2:
      return doubleBits(random.pick(DOUBLES));
    case 3:
      return (sign << 63n) | random.pick(DOUBLE_EDGES);
    case 4:
      // Exponents near each other, so that sums round in every way.
      return (sign << 63n) | (BigInt(1023 - 30 + random.below(60)) << 52n) | (random.long() & 0xf_ffff_ffff_ffffn);
    case 5:
      return BOX | (sign << 31n) | random.pick(SINGLE_EDGES);
    case 6:
      return BOX | (sign << 31n) | (BigInt(127 - 20 + random.below(40)) << 23n) | (random.long() & 0x7f_ffffn);
    case 7:
      return BOX | singleBits(random.pick(DOUBLES));
    case 8:
      return BOX | BigInt(random.word());
    default:
      return random.long();
  }
}

function doubleBits(value: number): bigint {
  return new BigUint64Array(new Float64Array([value]).buffer)[0]!;
}

function singleBits(value: number): bigint {
  return BigInt(new Uint32Array(new Float32Array([value]).buffer)[0]!);
}
