/**
 * Semantics of F and D arithmetic.
 *
 * The processor computes; what wasm does not tell, the exceptions, is inferred. Once NX has been accrued, which happens
 * early in most programs, a normal finite result of a rounded operation can raise nothing new: one test of its range
 * suffices. Everything else asks softfloat/, which computes result and flags exactly.
 */
import type { Local } from "../../base/wasm/code.ts";
import type { Emitter } from "../emitter.ts";
import type { Lower } from "../instruction.ts";
import type { SoftName } from "../softfloat/operations.ts";
import {
  bitsConstant,
  byRounding,
  canonical,
  type Format,
  fromBits,
  inexactSeen,
  readBits,
  softNearest,
  softRounded,
} from "./float-slow.ts";

/** Pushes whether a result cannot raise anything but NX. */
type SafetyTest = (e: Emitter, format: Format, result: Local) => void;

/**
 * For sums and square roots: finite. A sum in the subnormal range is exact, and a square root is never there; so neither
 * underflows.
 */
const finite: SafetyTest = (e, format, result) => {
  const { type } = format;
  e.code.get(result).op(`${type}_abs`);
  format.constant(e, Number.POSITIVE_INFINITY);
  e.code.op(`${type}_lt`);
};

/**
 * For products and quotients: finite and above the least normal number, in one unsigned comparison. The least normal
 * itself may be the rounding of something tiny.
 */
const normal: SafetyTest = (e, format, result) => {
  const { type, bits } = format;
  const low = (format.leastNormal + 1n) << 1n;
  e.code.get(result).op(type === "f64" ? "i64_reinterpret_f64" : "i32_reinterpret_f32");
  bitsConstant(e, format, 1n);
  e.code.op(`${bits}_shl`);
  bitsConstant(e, format, low);
  e.code.op(`${bits}_sub`);
  bitsConstant(e, format, (format.infinity << 1n) - low);
  e.code.op(`${bits}_lt_u`);
};

/** Computes natively, then goes out of line if `safe` fails or NX is yet to be accrued. */
function guarded(e: Emitter, format: Format, safe: SafetyTest, compute: () => void, slow: () => void): void {
  e.code.withLocal(format.type, (result) => {
    compute();
    e.code.set(result);
    if (!e.fflags) {
      canonical(e, format, result);
      return;
    }
    safe(e, format, result);
    inexactSeen(e);
    e.code.op("i32_and").if(format.type, () => e.code.get(result), slow);
  });
}

/** rd = rs1 op rs2, rounded. */
export const arithmetic =
  (format: Format, name: "add" | "sub" | "mul" | "div"): Lower =>
  (e) => {
    const operands = [() => e.fBits("rs1"), () => e.fBits("rs2")];
    const compute = () => {
      format.read(e, "rs1");
      format.read(e, "rs2");
      e.code.op(`${format.type}_${name}`);
    };
    rounded(e, format, name, name === "add" || name === "sub" ? finite : normal, compute, operands);
  };

/** rd = square root of rs1, rounded. */
export const squareRoot =
  (format: Format): Lower =>
  (e) => {
    const compute = () => {
      format.read(e, "rs1");
      e.code.op(`${format.type}_sqrt`);
    };
    rounded(e, format, "sqrt", finite, compute, [() => e.fBits("rs1")]);
  };

/** Writes rd: natively when rounding to nearest, else out of line. */
function rounded(
  e: Emitter,
  format: Format,
  name: SoftName,
  safe: SafetyTest,
  compute: () => void,
  operands: readonly (() => void)[],
): void {
  const slow = (soft: typeof softNearest) => () => {
    soft(e, name, format.type, operands);
    fromBits(e, format);
  };
  format.write(e, () =>
    byRounding(e, format.type, () => guarded(e, format, safe, compute, slow(softNearest)), slow(softRounded)),
  );
}

/** rd = ±(rs1 × rs2) ± rs3, rounded once. The signs are applied to the operands, which is exact. */
export const multiplyAdd =
  (format: Format, negateProduct: boolean, negateAddend: boolean): Lower =>
  (e) => {
    const raw = (source: "rs1" | "rs2" | "rs3", negate: boolean) => () => {
      e.fBits(source);
      // In a register that is not NaN-boxed the flipped bit is ignored, as it should be.
      if (negate) e.code.i64(BigInt.asIntN(64, format.sign)).op("i64_xor");
    };
    const operands = [raw("rs1", negateProduct), raw("rs2", false), raw("rs3", negateAddend)];
    if (e.fma === "relaxed") {
      rounded(e, format, "fma", normal, () => fused(e, format, negateProduct, negateAddend), operands);
      return;
    }
    format.write(e, () => {
      const slow = (soft: typeof softNearest) => () => soft(e, "fma", format.type, operands);
      byRounding(e, "i64", slow(softNearest), slow(softRounded));
      fromBits(e, format);
    });
  };

/** Pushes the fused result by the processor's own instruction, which wasm reaches through SIMD alone. */
function fused(e: Emitter, format: Format, negateProduct: boolean, negateAddend: boolean): void {
  const { type } = format;
  const vector = type === "f64" ? "f64x2" : "f32x4";
  const lane = (source: "rs1" | "rs2" | "rs3", negate: boolean) => {
    format.read(e, source);
    if (negate) e.code.op(`${type}_neg`);
    e.code.op(`${vector}_splat`);
  };
  lane("rs1", negateProduct);
  lane("rs2", false);
  lane("rs3", negateAddend);
  e.code.op(`${vector}_relaxed_madd`);
  if (type === "f64") e.code.f64x2Lane(0);
  else e.code.f32x4Lane(0);
}

/** rd = the lesser or the greater; -0 is less than +0; a NaN loses against a number (IEEE 754-2019 minimumNumber). */
export const choose =
  (format: Format, name: "min" | "max"): Lower =>
  (e) =>
    format.write(e, () =>
      ordered(
        e,
        format,
        format.type,
        (a, b) => void e.code.get(a).get(b).op(`${format.type}_${name}`),
        () => {
          softNearest(e, name, format.type, [() => e.fBits("rs1"), () => e.fBits("rs2")]);
          fromBits(e, format);
        },
      ),
    );

/** rd = whether rs1 compares so with rs2. A NaN is unequal and unordered; only feq lets a quiet one pass in silence. */
export const compare =
  (format: Format, name: "eq" | "lt" | "le"): Lower =>
  (e) => {
    const test = (a: Local, b: Local) => void e.code.get(a).get(b).op(`${format.type}_${name}`);
    e.setXw(() =>
      ordered(e, format, "i32", test, () => {
        if (e.fflags && name === "eq") {
          softNearest(e, "eq", format.type, [() => e.fBits("rs1"), () => e.fBits("rs2")]);
          e.code.op("drop");
        } else if (e.fflags) raiseInvalid(e);
        e.code.i32(0);
      }),
    );
  };

/** Emits `numbers` for two operands that are not NaNs, else `unordered`. Both leave a `type`. */
function ordered(
  e: Emitter,
  format: Format,
  type: "i32" | "f32" | "f64",
  numbers: (a: Local, b: Local) => void,
  unordered: () => void,
): void {
  const { code } = e;
  code.withLocal(format.type, (a) =>
    code.withLocal(format.type, (b) => {
      format.read(e, "rs1");
      code.set(a);
      format.read(e, "rs2");
      code.set(b);
      // Without flags a comparison needs no case for NaN: wasm's own answers are the right ones.
      if (type === "i32" && !e.fflags) {
        numbers(a, b);
        return;
      }
      code.get(a).get(a).op(`${format.type}_eq`).get(b).get(b).op(`${format.type}_eq`, "i32_and");
      code.if(type, () => numbers(a, b), unordered);
    }),
  );
}

function raiseInvalid(e: Emitter): void {
  e.setHartWord("fflags", () => {
    e.hartWord("fflags");
    e.code.i32(16).op("i32_or");
  });
}

/** rd = rs1 with the sign of rs2, its opposite, or the product of both signs. Bits only: NaNs keep their payload. */
export const signInject =
  (format: Format, sign: "same" | "opposite" | "product"): Lower =>
  (e) =>
    format.write(e, () => {
      const { type } = format;
      if (e.oneSource) {
        format.read(e, "rs1");
        if (sign === "opposite") e.code.op(`${type}_neg`);
        if (sign === "product") e.code.op(`${type}_abs`);
        return;
      }
      if (sign === "product") {
        readBits(e, format, "rs1");
        readBits(e, format, "rs2");
        bitsConstant(e, format, format.sign);
        e.code.op(`${format.bits}_and`, `${format.bits}_xor`);
        e.code.op(type === "f64" ? "f64_reinterpret_i64" : "f32_reinterpret_i32");
        return;
      }
      format.read(e, "rs1");
      format.read(e, "rs2");
      if (sign === "opposite") e.code.op(`${type}_neg`);
      e.code.op(`${type}_copysign`);
    });

/**
 * rd = one bit for the class of rs1, from -infinity (bit 0) over the zeros (3, 4) to +infinity (7), signalling (8) and
 * quiet NaN (9).
 */
export const classify =
  (format: Format): Lower =>
  (e) =>
    e.setXw(() => {
      const { code } = e;
      const { bits } = format;
      const constant = (value: bigint) => bitsConstant(e, format, value);
      code.withLocal(bits, (raw) =>
        code.withLocal(bits, (magnitude) => {
          readBits(e, format, "rs1");
          code.tee(raw);
          constant(format.sign - 1n);
          code.op(`${bits}_and`).set(magnitude).i32(1);
          code.get(magnitude);
          constant(format.infinity);
          code.op(`${bits}_gt_u`).if(
            "i32",
            () => {
              code.i32(8).get(raw);
              constant(format.quietBit);
              code.op(`${bits}_and`);
              constant(0n);
              code.op(`${bits}_ne`, "i32_add");
            },
            () => {
              // 4 to 7 by magnitude; the negative classes are their complements.
              code.i32(4).get(magnitude);
              constant(0n);
              code.op(`${bits}_ne`, "i32_add").get(magnitude);
              constant(format.leastNormal);
              code.op(`${bits}_ge_u`, "i32_add").get(magnitude);
              constant(format.infinity);
              code.op(`${bits}_ge_u`, "i32_add");
              code.i32(7).i32(0).get(raw);
              constant(0n);
              code.op(`${bits}_lt_s`, "select", "i32_xor");
            },
          );
          code.op("i32_shl");
        }),
      );
    });
