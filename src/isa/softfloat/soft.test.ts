import assert from "node:assert/strict";
import { test } from "node:test";
import { FFLAG } from "../csr.ts";
import { ROUNDING } from "../fields.ts";
import * as exact from "./arithmetic.ts";
import * as conversion from "./convert.ts";
import { type Context, FORMATS } from "./float.ts";
import { type Precision, type SoftName, softNumber } from "./operations.ts";
import { makeSoft } from "./soft.ts";

const PLACES = { soft0: 0, soft1: 8, soft2: 16, softResult: 24, softRm: 32, fflags: 36 };
const memory = new ArrayBuffer(64);
const u64 = new BigUint64Array(memory);
const i32 = new Int32Array(memory);
const soft = makeSoft(memory, PLACES);
const BOX = 0xffff_ffff_0000_0000n;

/** Runs an operation on bit patterns; the answer is the result's raw 64 bits and the flags. */
function run(name: SoftName, precision: Precision, operands: readonly bigint[], mode = 0): [bigint, number] {
  for (const [i, bits] of operands.entries()) u64[i] = bits;
  i32[PLACES.softRm / 4] = mode;
  i32[PLACES.fflags / 4] = 0;
  soft(softNumber(name, precision));
  return [u64[PLACES.softResult / 8]!, i32[PLACES.fflags / 4]!];
}

let state = 88172645463325252n;
function random64(): bigint {
  state ^= (state << 13n) & 0xffff_ffff_ffff_ffffn;
  state ^= state >> 7n;
  state ^= (state << 17n) & 0xffff_ffff_ffff_ffffn;
  return state;
}

/** Bit patterns around everything special, and random ones with close and with any exponents. */
function operand(precision: Precision): bigint {
  const { infinity, signBit, quietBit, precision: bits, bias } = FORMATS[precision];
  const fraction = BigInt(bits - 1);
  const one = BigInt(bias) << fraction;
  const special = [0n, 1n, (1n << fraction) - 1n, 1n << fraction, infinity - 1n, infinity, one, one + 1n, quietBit];
  const choice = Number(random64() % 8n);
  const sign = random64() % 2n === 0n ? 0n : signBit;
  if (choice < 2) return sign | special[Number(random64() % BigInt(special.length))]!;
  if (choice === 2) return sign | infinity | (random64() % (2n * quietBit));
  if (choice < 6) return sign | (one + ((random64() % 64n) - 32n) * (1n << fraction) + (random64() % (1n << fraction)));
  return random64() % (signBit * 2n);
}

const toBits64 = (value: number) => new BigUint64Array(new Float64Array([value]).buffer)[0]!;
const toBits32 = (value: number) => BigInt(new Uint32Array(new Float32Array([value]).buffer)[0]!);
const toNumber = (bits: bigint, precision: Precision) =>
  precision === "f64"
    ? new Float64Array(new BigUint64Array([bits]).buffer)[0]!
    : new Float32Array(new Uint32Array([Number(bits)]).buffer)[0]!;

const NATIVE = {
  add: (a: number, b: number) => a + b,
  sub: (a: number, b: number) => a - b,
  mul: (a: number, b: number) => a * b,
  div: (a: number, b: number) => a / b,
  sqrt: (a: number) => Math.sqrt(a),
} as const;

const EXACT = {
  add: exact.add,
  sub: exact.subtract,
  mul: exact.multiply,
  div: exact.divide,
} as const;

for (const precision of ["f32", "f64"] as const) {
  const format = FORMATS[precision];
  const box = precision === "f32" ? BOX : 0n;

  test(`${precision} arithmetic gives the host's results to nearest`, () => {
    for (const [name, native] of Object.entries(NATIVE)) {
      for (let i = 0; i < 3000; i++) {
        const [a, b] = [operand(precision), operand(precision)];
        const expected = native(toNumber(a, precision), toNumber(b, precision));
        const bits = Number.isNaN(expected)
          ? format.canonicalNaN
          : precision === "f64"
            ? toBits64(expected)
            : toBits32(expected);
        const context: Context = { mode: ROUNDING.RNE, flags: 0 };
        const slow =
          name === "sqrt"
            ? exact.squareRoot(format, a, context)
            : EXACT[name as keyof typeof EXACT](format, a, b, context);
        const what = `${name} ${a.toString(16)} ${b.toString(16)}`;
        assert.equal(slow, bits, what);
        assert.deepEqual(run(name as SoftName, precision, [a | box, b | box]), [bits | box, context.flags], what);
      }
    }
  });

  test(`${precision} fused multiply-add by doubles equals the exact one`, () => {
    for (let i = 0; i < 10000; i++) {
      const [a, b] = [operand(precision), operand(precision)];
      let c = operand(precision);
      // Addends near the negated product show every kind of cancellation.
      if (i % 2 === 0) c = exact.multiply(format, a, b, { mode: i % 5, flags: 0 }) ^ format.signBit ^ (random64() & 3n);
      for (const mode of [ROUNDING.RNE, i % 5]) {
        const context: Context = { mode, flags: 0 };
        const expected = exact.fusedMultiplyAdd(format, a, b, c, context);
        const found = run("fma", precision, [a | box, b | box, c | box], mode);
        assert.deepEqual(found, [expected | box, context.flags], [a, b, c].map((x) => x.toString(16)).join(" "));
      }
    }
  });

  test(`${precision} to integer by doubles equals the exact conversion`, () => {
    const integers = [
      ["to-i32", -(2n ** 31n), 2n ** 31n - 1n],
      ["to-u32", 0n, 2n ** 32n - 1n],
      ["to-i64", -(2n ** 63n), 2n ** 63n - 1n],
      ["to-u64", 0n, 2n ** 64n - 1n],
    ] as const;
    for (const [name, least, greatest] of integers) {
      for (let i = 0; i < 3000; i++) {
        const a = i % 4 === 0 ? halves(precision) : operand(precision);
        const context: Context = { mode: i % 5, flags: 0 };
        let value = conversion.toInteger(format, a, least, greatest, context);
        if (name === "to-u32") value = BigInt.asIntN(32, value);
        const found = run(name, precision, [a | box], context.mode);
        assert.deepEqual(found, [BigInt.asUintN(64, value), context.flags], `${name} ${a.toString(16)} ${i % 5}`);
      }
    }
  });

  test(`${precision} from integer by doubles equals the exact conversion`, () => {
    for (let i = 0; i < 3000; i++) {
      const raw = random64() >> (random64() % 64n);
      const context: Context = { mode: i % 5, flags: 0 };
      const expected = conversion.fromInteger(format, raw, context);
      assert.deepEqual(run("from-u64", precision, [raw], i % 5), [expected | box, context.flags]);
    }
  });
}

/** Small multiples of a half. */
function halves(precision: Precision): bigint {
  const value = Number(random64() % 41n) / 2 - 10;
  return precision === "f64" ? toBits64(value) : toBits32(value);
}

test("narrowing equals Math.fround", () => {
  for (let i = 0; i < 5000; i++) {
    const a = operand("f64");
    const expected = Math.fround(toNumber(a, "f64"));
    const bits = Number.isNaN(expected) ? FORMATS.f32.canonicalNaN : toBits32(expected);
    assert.equal(run("convert", "f32", [a])[0], BOX | bits, a.toString(16));
  }
});

test("minimum prefers numbers to NaN and -0 to +0", () => {
  const [one, quietNaN, signalling] = [toBits64(1), FORMATS.f64.canonicalNaN, FORMATS.f64.infinity | 1n];
  assert.deepEqual(run("min", "f64", [quietNaN, one]), [one, 0]);
  assert.deepEqual(run("min", "f64", [one, signalling]), [one, FFLAG.NV]);
  assert.deepEqual(run("max", "f64", [quietNaN, signalling]), [quietNaN, FFLAG.NV]);
  assert.deepEqual(run("min", "f64", [0n, toBits64(-0)]), [toBits64(-0), 0]);
  assert.deepEqual(run("max", "f64", [0n, toBits64(-0)]), [0n, 0]);
});

test("underflow is detected after rounding", () => {
  // The least normal times one less an ulp rounds up to the least normal: inexact, and not tiny.
  const least = 1n << 52n;
  const product = run("mul", "f64", [least, toBits64(1 - 2 ** -53)]);
  assert.deepEqual(product, [least, FFLAG.NX | FFLAG.UF]);
  const nearer = run("fma", "f64", [toBits64(-(2 ** -1000)), toBits64(2 ** -78), least]);
  assert.deepEqual(nearer, [least, FFLAG.NX]);
});

test("a single that is not NaN-boxed reads as NaN", () => {
  assert.deepEqual(run("add", "f32", [toBits32(1), BOX | toBits32(1)]), [BOX | 0x7fc0_0000n, 0]);
});
