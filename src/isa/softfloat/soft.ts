/** Out-of-line floating point as engines import it: operands, mode, result and flags lie in the hart's memory. */
import { FFLAG } from "../csr.ts";
import { ROUNDING } from "../fields.ts";
import * as exact from "./arithmetic.ts";
import * as conversion from "./convert.ts";
import { FAST, fast } from "./fast.ts";
import { type Context, FORMATS } from "./float.ts";
import { type Precision, SOFT_NAMES, type SoftName } from "./operations.ts";

/** Byte offsets, each naturally aligned, of the words through which lowered code and the routines talk. */
export interface SoftPlaces {
  readonly soft0: number;
  readonly soft1: number;
  readonly soft2: number;
  readonly softResult: number;
  readonly softRm: number;
  readonly fflags: number;
}

/** Performs the operation of that number (see operations.ts) on the hart's words. */
export type Soft = (operation: number) => void;

/** Bits of a register, or of an exact result: 64, singles NaN-boxed. */
const BOX = 0xffff_ffff_0000_0000n;

/**
 * Makes the routine for the hart at fixed places of a memory. The memory may grow afterwards: these places stay.
 */
export function makeSoft(buffer: ArrayBufferLike, places: SoftPlaces): Soft {
  const hart = new Words(buffer, places);
  return (operation) => {
    const name = SOFT_NAMES[operation >> 1]!;
    const precision = (operation & 1) === 1 ? "f64" : "f32";
    if (fastArithmetic(hart, name, precision) || fastConversion(hart, name, precision)) return;
    const context: Context = { mode: hart.mode, flags: 0 };
    hart.result = compute(hart, name, precision, context);
    hart.raise(context.flags);
  };
}

/** The hart's words as typed views; the layout is little-endian, as wasm memory is. */
class Words {
  private readonly i32: Int32Array;
  private readonly f32: Float32Array;
  private readonly f64: Float64Array;
  private readonly u64: BigUint64Array;
  private readonly operands: readonly number[];
  private readonly places: SoftPlaces;

  constructor(buffer: ArrayBufferLike, places: SoftPlaces) {
    const end = Math.max(...Object.values(places).filter((p) => typeof p === "number")) + 8;
    const length = Math.ceil(end / 8);
    this.i32 = new Int32Array(buffer, 0, length * 2);
    this.f32 = new Float32Array(buffer, 0, length * 2);
    this.f64 = new Float64Array(buffer, 0, length);
    this.u64 = new BigUint64Array(buffer, 0, length);
    this.operands = [places.soft0, places.soft1, places.soft2];
    this.places = places;
  }

  get mode(): number {
    return this.i32[this.places.softRm >> 2]!;
  }

  raise(flags: number): void {
    if (flags !== 0) this.i32[this.places.fflags >> 2]! |= flags;
  }

  /** An operand as a double; one that is not a NaN-boxed single reads as NaN. */
  number(index: number, precision: Precision): number {
    const at = this.operands[index]!;
    if (precision === "f64") return this.f64[at >> 3]!;
    return this.i32[(at >> 2) + 1] === -1 ? this.f32[at >> 2]! : Number.NaN;
  }

  /** An operand's 64 bits. */
  raw(index: number): bigint {
    return this.u64[this.operands[index]! >> 3]!;
  }

  /** An operand's bit pattern in its format; one that is not a NaN-boxed single reads as the canonical NaN. */
  bits(index: number, precision: Precision): bigint {
    const raw = this.raw(index);
    if (precision === "f64") return raw;
    return raw >= BOX ? raw - BOX : FORMATS.f32.canonicalNaN;
  }

  /** The low and high words of an operand, signed. */
  low(index: number): number {
    return this.i32[this.operands[index]! >> 2]!;
  }

  high(index: number): number {
    return this.i32[(this.operands[index]! >> 2) + 1]!;
  }

  set result(bits: bigint) {
    this.u64[this.places.softResult >> 3] = BigInt.asUintN(64, bits);
  }

  setNumber(value: number, precision: Precision): void {
    const at = this.places.softResult;
    if (precision === "f64") this.f64[at >> 3] = value;
    else {
      this.f32[at >> 2] = value;
      this.i32[(at >> 2) + 1] = -1;
    }
  }

  setWords(low: number, high: number): void {
    const at = this.places.softResult >> 2;
    this.i32[at] = low;
    this.i32[at + 1] = high;
  }
}

/** Tries the host's doubles. */
function fastArithmetic(hart: Words, name: SoftName, precision: Precision): boolean {
  const routine = FAST[precision][name];
  if (routine === undefined || hart.mode !== ROUNDING.RNE) return false;
  const flags = routine(hart.number(0, precision), hart.number(1, precision), hart.number(2, precision));
  if (flags < 0) return false;
  hart.setNumber(fast.value, precision);
  hart.raise(flags);
  return true;
}

/** Integers of this magnitude are doubles, and their sums with a half are too. */
const SAFE = 2 ** 52;
const HIGH_WORD = 2 ** 32;

const BOUNDS: Partial<Record<SoftName, readonly [least: number, greatest: number]>> = {
  "to-i32": [-(2 ** 31), 2 ** 31 - 1],
  "to-u32": [0, 2 ** 32 - 1],
  "to-i64": [-SAFE, SAFE],
  "to-u64": [0, SAFE],
};

/** Tries the conversions of moderate numbers. */
function fastConversion(hart: Words, name: SoftName, precision: Precision): boolean {
  const bounds = BOUNDS[name];
  if (bounds !== undefined) return fastToInteger(hart, precision, bounds, name === "to-u32");
  if (hart.mode !== ROUNDING.RNE) return false;
  if (name === "from-i64" || name === "from-u64") {
    const value = hart.high(0) * HIGH_WORD + (hart.low(0) >>> 0);
    if (!(Math.abs(value) < SAFE) || (name === "from-u64" && value < 0)) return false;
    return finishExact(hart, value, precision);
  }
  if (name === "convert" && precision === "f32") {
    const value = hart.number(0, "f64");
    const magnitude = Math.abs(value);
    return magnitude > 2 ** -126 && magnitude < 2 ** 127 && finishExact(hart, value, "f32");
  }
  return false;
}

/** Rounds a number that has no error yet into the result. */
function finishExact(hart: Words, value: number, precision: Precision): boolean {
  hart.setNumber(value, precision);
  if (precision === "f32" && Math.fround(value) !== value) hart.raise(FFLAG.NX);
  return true;
}

function fastToInteger(
  hart: Words,
  precision: Precision,
  [least, greatest]: readonly [number, number],
  word: boolean,
): boolean {
  const value = hart.number(0, precision);
  const whole = roundToIntegral(value, hart.mode);
  // A NaN fails both comparisons.
  if (!(whole >= least && whole <= greatest)) return false;
  const high = Math.floor(whole / HIGH_WORD);
  const low = (whole - high * HIGH_WORD) | 0;
  // A 32-bit result is sign-extended, whether or not the number was signed.
  hart.setWords(low, word ? low >> 31 : high);
  if (whole !== value) hart.raise(FFLAG.NX);
  return true;
}

function roundToIntegral(value: number, mode: number): number {
  const below = Math.floor(value);
  switch (mode) {
    case ROUNDING.RTZ:
      return Math.trunc(value);
    case ROUNDING.RDN:
      return below;
    case ROUNDING.RUP:
      return Math.ceil(value);
    default: {
      const rest = value - below;
      if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
      if (mode === ROUNDING.RMM) return value < 0 ? below : below + 1;
      return below % 2 === 0 ? below : below + 1;
    }
  }
}

/** Computes exactly, whatever the operands. */
function compute(hart: Words, name: SoftName, precision: Precision, context: Context): bigint {
  const format = FORMATS[precision];
  const a = () => hart.bits(0, precision);
  const b = () => hart.bits(1, precision);
  const float = (bits: bigint) => (precision === "f64" ? bits : BOX | bits);
  const integer = (least: bigint, greatest: bigint) => conversion.toInteger(format, a(), least, greatest, context);
  const from = (value: bigint) => float(conversion.fromInteger(format, value, context));
  switch (name) {
    case "add":
      return float(exact.add(format, a(), b(), context));
    case "sub":
      return float(exact.subtract(format, a(), b(), context));
    case "mul":
      return float(exact.multiply(format, a(), b(), context));
    case "div":
      return float(exact.divide(format, a(), b(), context));
    case "sqrt":
      return float(exact.squareRoot(format, a(), context));
    case "fma":
      return float(exact.fusedMultiplyAdd(format, a(), b(), hart.bits(2, precision), context));
    case "min":
    case "max":
      return float(conversion.choose(format, name, a(), b(), context));
    case "eq":
      return conversion.equal(format, a(), b(), context);
    case "to-i32":
      return integer(-(2n ** 31n), 2n ** 31n - 1n);
    case "to-u32":
      return BigInt.asIntN(32, integer(0n, 2n ** 32n - 1n));
    case "to-i64":
      return integer(-(2n ** 63n), 2n ** 63n - 1n);
    case "to-u64":
      return integer(0n, 2n ** 64n - 1n);
    case "from-i32":
      return from(BigInt.asIntN(32, hart.raw(0)));
    case "from-u32":
      return from(BigInt.asUintN(32, hart.raw(0)));
    case "from-i64":
      return from(BigInt.asIntN(64, hart.raw(0)));
    case "from-u64":
      return from(hart.raw(0));
    case "convert": {
      const other: Precision = precision === "f64" ? "f32" : "f64";
      return float(conversion.convert(FORMATS[other], format, hart.bits(0, other), context));
    }
  }
}
