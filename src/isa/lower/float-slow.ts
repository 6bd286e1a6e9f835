/** What all floating-point lowerings share: the choice between the processor's own arithmetic and softfloat/. */
import type { Local } from "../../base/wasm/code.ts";
import { FFLAG } from "../csr.ts";
import type { Emitter, Source } from "../emitter.ts";
import { ROUNDING } from "../fields.ts";
import { type Precision, type SoftName, softNumber } from "../softfloat/operations.ts";

/** A format as lowered code sees it: its type, and how registers of it are read and written. */
export interface Format {
  readonly type: Precision;
  /** The integer type of the same width. */
  readonly bits: "i32" | "i64";
  readonly read: (e: Emitter, source: Source) => void;
  readonly write: (e: Emitter, value: () => void) => void;
  /** Pushes a constant of the format. */
  readonly constant: (e: Emitter, value: number) => void;
  /** Bit patterns, on which one shift left drops the sign. */
  readonly leastNormal: bigint;
  readonly infinity: bigint;
  readonly quietBit: bigint;
  readonly sign: bigint;
}

export const SINGLE: Format = {
  type: "f32",
  bits: "i32",
  read: (e, source) => e.fs(source),
  write: (e, value) => e.setFs(value),
  constant: (e, value) => void e.code.f32(value),
  leastNormal: 0x0080_0000n,
  infinity: 0x7f80_0000n,
  quietBit: 0x0040_0000n,
  sign: 0x8000_0000n,
};

export const DOUBLE: Format = {
  type: "f64",
  bits: "i64",
  read: (e, source) => e.fd(source),
  write: (e, value) => e.setFd(value),
  constant: (e, value) => void e.code.f64(value),
  leastNormal: 0x0010_0000_0000_0000n,
  infinity: 0x7ff0_0000_0000_0000n,
  quietBit: 0x0008_0000_0000_0000n,
  sign: 0x8000_0000_0000_0000n,
};

/** The canonical NaN: quiet, positive, no payload. wasm leaves the bits of a NaN result open. */
export function canonicalNaN(e: Emitter, format: Format): void {
  format.constant(e, Number.NaN);
}

/** Pushes an integer constant of the format's width. */
export function bitsConstant(e: Emitter, format: Format, value: bigint): void {
  if (format.bits === "i64") e.code.i64(BigInt.asIntN(64, value));
  else e.code.i32(Number(BigInt.asIntN(32, value)));
}

/** Pushes the raw bits of a register, at the format's width. A single that is not boxed reads as the canonical NaN. */
export function readBits(e: Emitter, format: Format, source: Source): void {
  format.read(e, source);
  e.code.op(format.type === "f64" ? "i64_reinterpret_f64" : "i32_reinterpret_f32");
}

/** Pushes 1 if NX is already accrued, else 0; then an inexact result changes nothing. */
export function inexactSeen(e: Emitter): void {
  e.hartWord("fflags");
  e.code.i32(FFLAG.NX).op("i32_and");
}

/** Emits `nearest` where the rounding mode is to nearest, ties to even; else `directed`. Both leave a `type`. */
export function byRounding(
  e: Emitter,
  type: Precision | "i32" | "i64",
  nearest: () => void,
  directed: () => void,
): void {
  const mode = e.staticRounding;
  if (mode === ROUNDING.RNE || (mode === ROUNDING.DYN && e.roundsToNearest)) nearest();
  else if (mode !== undefined && mode !== ROUNDING.DYN) directed();
  else {
    e.roundingMode();
    e.code.if(type, directed, nearest);
  }
}

/** Pushes the result of an out-of-line operation as an i64, under the instruction's own rounding mode. */
export function softRounded(e: Emitter, name: SoftName, precision: Precision, operands: readonly (() => void)[]): void {
  e.setHartWord("softRm", () => e.roundingMode());
  if (e.staticRounding === undefined || (e.staticRounding === ROUNDING.DYN && !e.roundsToNearest)) {
    // frm may hold a reserved mode, which makes every instruction that uses it illegal.
    e.roundingMode();
    e.code
      .i32(ROUNDING.RMM)
      .op("i32_gt_u")
      .if("void", () => e.illegal());
  }
  callSoft(e, name, precision, operands);
}

/** Pushes the result of an out-of-line operation as an i64, rounded to nearest or not rounding at all. */
export function softNearest(e: Emitter, name: SoftName, precision: Precision, operands: readonly (() => void)[]): void {
  e.setHartWord("softRm", () => e.code.i32(ROUNDING.RNE));
  callSoft(e, name, precision, operands);
}

const SOFT_OPERANDS = ["soft0", "soft1", "soft2"] as const;

function callSoft(e: Emitter, name: SoftName, precision: Precision, operands: readonly (() => void)[]): void {
  for (const [i, push] of operands.entries()) e.setHartLong(SOFT_OPERANDS[i]!, push);
  e.soft(softNumber(name, precision));
  e.hartLong("softResult");
}

/** Turns the raw bits (i64) on the stack into a value of the format. */
export function fromBits(e: Emitter, format: Format): void {
  if (format.type === "f64") e.code.op("f64_reinterpret_i64");
  else e.code.op("i32_wrap_i64", "f32_reinterpret_i32");
}

/** Pushes `value`, or the canonical NaN if it is a NaN. */
export function canonical(e: Emitter, format: Format, value: Local): void {
  e.code.get(value);
  canonicalNaN(e, format);
  e.code.get(value).get(value).op(`${format.type}_eq`, "select");
}
