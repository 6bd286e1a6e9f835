import assert from "node:assert/strict";
import { test } from "node:test";
import { FFLAG } from "../csr.ts";
import { ROUNDING } from "../fields.ts";
import { FORMATS } from "../softfloat/float.ts";
import { AT, Bench, compiler, DEFAULT } from "./bench.test.ts";

const double = (value: number) => new BigUint64Array(new Float64Array([value]).buffer)[0]!;
const boxed = (value: number) => 0xffff_ffff_0000_0000n | BigInt(new Uint32Array(new Float32Array([value]).buffer)[0]!);
const NAN = FORMATS.f64.canonicalNaN;
const SIGNALLING = FORMATS.f64.infinity | 1n;

test("arithmetic raises the flags of its result", () => {
  assert.deepEqual(new Bench("fadd.d").float(double(1), double(2)), [double(3), 0]);
  assert.deepEqual(new Bench("fadd.d").float(double(0.1), double(0.2)), [double(0.1 + 0.2), FFLAG.NX]);
  assert.deepEqual(new Bench("fsub.d").float(double(Infinity), double(Infinity)), [NAN, FFLAG.NV]);
  assert.deepEqual(new Bench("fmul.d").float(SIGNALLING, double(1)), [NAN, FFLAG.NV]);
  assert.deepEqual(new Bench("fdiv.d").float(double(1), double(0)), [double(Infinity), FFLAG.DZ]);
  assert.deepEqual(new Bench("fmul.s").float(boxed(2 ** 100), boxed(2 ** 100)), [boxed(Infinity), FFLAG.OF | FFLAG.NX]);
  assert.deepEqual(new Bench("fsqrt.d").float(double(-1)), [NAN, FFLAG.NV]);
  assert.deepEqual(new Bench("fadd.s").float(double(1), boxed(1)), [0xffff_ffff_7fc0_0000n, 0]);
});

test("a tiny product that rounds up to the least normal number underflows", () => {
  const bench = new Bench("fmul.d");
  bench.i32[AT.fflags / 4] = FFLAG.NX;
  const expected = [1n << 52n, FFLAG.NX | FFLAG.UF];
  assert.deepEqual(bench.float(1n << 52n, double(1 - 2 ** -53)), expected);
});

test("arithmetic without flags still makes NaN canonical", () => {
  const bench = new Bench("fadd.d", {}, { ...DEFAULT, fflags: false });
  assert.deepEqual(bench.float(SIGNALLING | FORMATS.f64.signBit, double(1)), [NAN, 0]);
  const toInteger = new Bench("fcvt.w.d", { rm: ROUNDING.RTZ }, { ...DEFAULT, fflags: false });
  toInteger.float(SIGNALLING);
  assert.equal(toInteger.u64[3], 0x7fff_ffffn);
});

test("static and dynamic rounding modes are obeyed", () => {
  const third = (mode: number) => {
    const bench = new Bench("fdiv.d", { rm: mode });
    return bench.float(double(-1), double(3))[0];
  };
  assert.equal(third(ROUNDING.RUP), double(-1 / 3));
  assert.equal(third(ROUNDING.RDN), double(-1 / 3) + 1n);
  const dynamic = new Bench("fdiv.d", { rm: ROUNDING.DYN }, { ...DEFAULT, roundsToNearest: false });
  dynamic.i32[AT.frm / 4] = ROUNDING.RDN;
  assert.equal(dynamic.float(double(-1), double(3))[0], double(-1 / 3) + 1n);
  dynamic.i32[AT.frm / 4] = 5;
  dynamic.float(double(-1), double(3));
  assert.equal(dynamic.i32[AT.illegal / 4], 1);
});

test("fused multiply-add rounds once, by either means", () => {
  const a = 1 + 2 ** -30;
  for (const fma of compiler.fusedMultiplyAdd ? (["soft", "relaxed"] as const) : (["soft"] as const)) {
    const bench = new Bench("fmsub.d", {}, { ...DEFAULT, fma });
    bench.i32[AT.fflags / 4] = FFLAG.NX;
    assert.equal(bench.float(double(a), double(a), double(a * a))[0], double(2 ** -60), fma);
    const single = new Bench("fnmadd.s", {}, { ...DEFAULT, fma });
    single.i32[AT.fflags / 4] = FFLAG.NX;
    // The product is halfway between two singles; only the addend says which way.
    const product = (1 + 2 ** -12) * (1 + 2 ** -12);
    const found = single.float(boxed(1 + 2 ** -12), boxed(1 + 2 ** -12), boxed(2 ** -80))[0];
    assert.equal(found, boxed(-(Math.fround(product) + 2 ** -23)), fma);
  }
});

test("comparisons and classes", () => {
  const eq = new Bench("feq.d");
  eq.float(NAN, double(1));
  assert.deepEqual([eq.u64[3], eq.i32[AT.fflags / 4]], [0n, 0]);
  eq.float(SIGNALLING, double(1));
  assert.equal(eq.i32[AT.fflags / 4], FFLAG.NV);
  const lt = new Bench("flt.d");
  lt.float(double(1), double(2));
  assert.deepEqual([lt.u64[3], lt.i32[AT.fflags / 4]], [1n, 0]);
  lt.float(NAN, double(2));
  assert.deepEqual([lt.u64[3], lt.i32[AT.fflags / 4]], [0n, FFLAG.NV]);
  const classes = [-Infinity, -1, -(2 ** -1074), -0, 0, 2 ** -1074, 1, Infinity].map(double);
  const fclass = new Bench("fclass.d");
  for (const [i, operand] of [...classes, SIGNALLING, NAN].entries()) {
    fclass.float(operand);
    assert.equal(fclass.u64[3], 1n << BigInt(i));
  }
});
