/** Semantics of the F and D conversions, moves, loads and stores. */
import type { Local } from "../../base/wasm/code.ts";
import type { OpName } from "../../base/wasm/opcodes.ts";
import type { Emitter } from "../emitter.ts";
import { ROUNDING } from "../fields.ts";
import type { Lower } from "../instruction.ts";
import type { Precision, SoftName } from "../softfloat/operations.ts";
import {
  byRounding,
  canonical,
  DOUBLE,
  type Format,
  fromBits,
  inexactSeen,
  SINGLE,
  softNearest,
  softRounded,
} from "./float-slow.ts";

/** An integer format of the conversions: w, wu, l, lu. */
interface IntegerFormat {
  readonly type: "i32" | "i64";
  readonly suffix: "s" | "u";
  readonly soft: "i32" | "u32" | "i64" | "u64";
  /** Bounds of the doubles that fit after rounding: least <= x < limit. */
  readonly least: number;
  readonly limit: number;
  /** What a NaN converts to: the greatest value, as a sign-extended register holds it. */
  readonly greatest: bigint;
}

export const INTEGER = {
  w: { type: "i32", suffix: "s", soft: "i32", least: -(2 ** 31), limit: 2 ** 31, greatest: 0x7fff_ffffn },
  wu: { type: "i32", suffix: "u", soft: "u32", least: 0, limit: 2 ** 32, greatest: -1n },
  l: { type: "i64", suffix: "s", soft: "i64", least: -(2 ** 63), limit: 2 ** 63, greatest: 2n ** 63n - 1n },
  lu: { type: "i64", suffix: "u", soft: "u64", least: 0, limit: 2 ** 64, greatest: -1n },
} as const satisfies Record<string, IntegerFormat>;

/** The wasm instruction that rounds a double to an integral one; RMM has none. */
const ROUND: ReadonlyMap<number, OpName> = new Map([
  [ROUNDING.RNE, "f64_nearest"],
  [ROUNDING.RTZ, "f64_trunc"],
  [ROUNDING.RDN, "f64_floor"],
  [ROUNDING.RUP, "f64_ceil"],
]);

/** rd = rs1 rounded to an integer, saturating; NaN counts as the greatest. */
export const toInteger =
  (format: Format, integer: IntegerFormat): Lower =>
  (e) => {
    const { type } = integer;
    const set = type === "i64" ? (value: () => void) => e.setX(value) : (value: () => void) => e.setXw(value);
    const mode = e.staticRounding;
    const soft = () => {
      softRounded(e, `to-${integer.soft}`, format.type, [() => e.fBits("rs1")]);
      if (type === "i32") e.code.op("i32_wrap_i64");
    };
    const native = (round: OpName) => nativeToInteger(e, format, integer, round, soft);
    set(() => {
      if (mode === ROUNDING.DYN || mode === ROUNDING.RNE) byRounding(e, type, () => native("f64_nearest"), soft);
      else if (mode !== undefined) {
        const round = ROUND.get(mode);
        if (round === undefined) soft();
        else native(round);
      } else {
        // C's casts are by far the most frequent.
        e.roundingMode();
        e.code
          .i32(ROUNDING.RTZ)
          .op("i32_eq")
          .if(type, () => native("f64_trunc"), soft);
      }
    });
  };

/** Rounds, then converts what fits. Every single is a double, so both formats are rounded as doubles. */
function nativeToInteger(e: Emitter, format: Format, integer: IntegerFormat, round: OpName, soft: () => void): void {
  const { code } = e;
  const convert: OpName = `${integer.type}_trunc_sat_f64_${integer.suffix}`;
  code.withLocal("f64", (exact) =>
    code.withLocal("f64", (whole) => {
      format.read(e, "rs1");
      if (format.type === "f32") code.op("f64_promote_f32");
      code.tee(exact).op(round).set(whole);
      if (e.fflags) {
        code.get(whole).f64(integer.least).op("f64_ge").get(whole).f64(integer.limit).op("f64_lt", "i32_and");
        code.get(whole).get(exact).op("f64_eq");
        inexactSeen(e);
        code.op("i32_or", "i32_and").if(integer.type, () => code.get(whole).op(convert), soft);
        return;
      }
      code.get(whole).op(convert);
      if (integer.type === "i64") code.i64(integer.greatest);
      else code.i32(Number(integer.greatest));
      code.get(whole).get(whole).op("f64_eq", "select");
    }),
  );
}

/** rd = rs1 as a floating-point number. Rounds unless the format holds every value of the integer type. */
export const fromInteger =
  (format: Format, integer: IntegerFormat): Lower =>
  (e) => {
    const native = () => {
      if (integer.type === "i64") e.x("rs1");
      else e.xw("rs1");
      e.code.op(`${format.type}_convert_${integer.type}_${integer.suffix}`);
    };
    const slow = (soft: typeof softNearest) => () => {
      softInteger(e, soft, `from-${integer.soft}`, format.type);
      fromBits(e, format);
    };
    format.write(e, () => {
      if (format.type === "f64" && integer.type === "i32") native();
      else if (!e.fflags) byRounding(e, format.type, native, slow(softRounded));
      else {
        const nearest = () => {
          pushFits(e, format, integer);
          inexactSeen(e);
          e.code.op("i32_or").if(format.type, native, slow(softNearest));
        };
        byRounding(e, format.type, nearest, slow(softRounded));
      }
    });
  };

/** Pushes whether rs1 has no more bits than the format's significand, so that it converts without rounding. */
function pushFits(e: Emitter, format: Format, { type, suffix }: IntegerFormat): void {
  const operand = () => (type === "i64" ? e.x("rs1") : e.xw("rs1"));
  const spare = (type === "i64" ? 64 : 32) - (format.type === "f64" ? 53 : 24);
  const constant = (value: number) => (type === "i64" ? e.code.i64(value) : e.code.i32(value));
  operand();
  constant(spare).op(`${type}_shl`);
  constant(spare).op(`${type}_shr_${suffix}`);
  operand();
  e.code.op(`${type}_eq`);
}

function softInteger(e: Emitter, soft: typeof softNearest, name: SoftName, precision: Precision): void {
  soft(e, name, precision, [() => e.x("rs1")]);
}

/** fcvt.d.s: exact, but for the signalling NaN. */
export const widen: Lower = (e) =>
  e.setFd(() => {
    const { code } = e;
    code.withLocal("f64", (value) => {
      e.fs("rs1");
      code.op("f64_promote_f32").set(value);
      if (!e.fflags) {
        canonical(e, DOUBLE, value);
        return;
      }
      code.get(value).get(value).op("f64_eq");
      code.if(
        "f64",
        () => code.get(value),
        () => {
          softNearest(e, "convert", "f64", [() => e.fBits("rs1")]);
          fromBits(e, DOUBLE);
        },
      );
    });
  });

/** fcvt.s.d: rounds. What survives the way back was exact and raises nothing. */
export const narrow: Lower = (e) => {
  const operands = [() => e.fBits("rs1")];
  const slow = (soft: typeof softNearest) => () => {
    soft(e, "convert", "f32", operands);
    fromBits(e, SINGLE);
  };
  e.setFs(() => byRounding(e, "f32", () => nativeNarrow(e, slow(softNearest)), slow(softRounded)));
};

function nativeNarrow(e: Emitter, slow: () => void): void {
  const { code } = e;
  code.withLocal("f64", (value) =>
    code.withLocal("f32", (result) => {
      e.fd("rs1");
      code.tee(value).op("f32_demote_f64").set(result);
      if (!e.fflags) {
        canonical(e, SINGLE, result);
        return;
      }
      code.get(result).op("f64_promote_f32").get(value).op("f64_eq");
      pushNormalAndInexact(e, result);
      code.op("i32_or").if("f32", () => code.get(result), slow);
    }),
  );
}

/** Pushes whether a single is normal, above the least, and NX was already accrued. */
function pushNormalAndInexact(e: Emitter, result: Local): void {
  const { code } = e;
  code
    .get(result)
    .op("f32_abs")
    .f32(2 ** -126)
    .op("f32_gt");
  code.get(result).op("f32_abs").f32(Number.POSITIVE_INFINITY).op("f32_lt", "i32_and");
  inexactSeen(e);
  code.op("i32_and");
}

/** fld, flw: bits pass unchanged. */
export const load =
  (format: Format): Lower =>
  (e) =>
    format.write(e, () => e.load(`${format.type}_load`));

export const storeDouble: Lower = (e) => e.store("f64_store", () => e.fd("rs2"));

/** fsw stores the low word whether or not the register is NaN-boxed. */
export const storeSingle: Lower = (e) => e.store("i64_store32", () => e.fBits("rs2"));

/** fmv.x.d, fmv.x.w: bits to an integer register. */
export const moveToInteger =
  (format: Format): Lower =>
  (e) =>
    e.setX(() => {
      e.fBits("rs1");
      if (format.type === "f32") e.code.op("i64_extend32_s");
    });

/** fmv.d.x, fmv.w.x: bits from an integer register. */
export const moveFromInteger =
  (format: Format): Lower =>
  (e) =>
    e.setFBits(() => {
      e.x("rs1");
      if (format.type === "f32") e.code.i64(0xffff_ffff_0000_0000n).op("i64_or");
    });
