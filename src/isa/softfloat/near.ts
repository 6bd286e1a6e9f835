/**
 * The most frequent out-of-line cases, as a WebAssembly function that modules bring along: exact double arithmetic.
 *
 * A program that has never rounded (one that counts in doubles, say) must be watched at every operation, because the
 * first inexact one raises NX. A call within wasm costs a third of one to the host.
 */
import { CodeBuilder, type Local } from "../../base/wasm/code.ts";
import type { FmaMode } from "../emitter.ts";
import { softNumber } from "./operations.ts";
import type { SoftPlaces } from "./soft.ts";

/** Between these magnitudes no operation below overflows, nor loses bits of its error to underflow. */
const LEAST = 2 ** -450;
const GREATEST = 2 ** 450;

/**
 * Builds `soft` for a module: (operation i32) → ().
 *
 * @param far - index of the function of the same type that knows every case: the host's
 */
export function buildNearSoft(places: SoftPlaces, fma: FmaMode, far: number): CodeBuilder {
  const code = new CodeBuilder(["i32"]);
  const [a, b, result] = [code.local("f64"), code.local("f64"), code.local("f64")];
  const wanted = (name: "add" | "sub" | "mul" | "div") => code.get(0).i32(softNumber(name, "f64")).op("i32_eq");
  const load = (at: number, into: Local) => code.i32(0).memRelocatable("f64_load", at).set(into);

  code.block("void", (elsewhere) => {
    code.i32(0).memRelocatable("i32_load", places.softRm).brIf(elsewhere);
    load(places.soft0, a);
    load(places.soft1, b);
    code.block("void", (exact) => {
      wanted("sub").if("void", () => code.get(b).op("f64_neg").set(b));
      wanted("add");
      wanted("sub");
      code.op("i32_or").if("void", () => {
        code.get(a).op("f64_abs").get(b).op("f64_abs", "f64_add").f64(GREATEST).op("f64_lt", "i32_eqz").brIf(elsewhere);
        code.get(a).get(b).op("f64_add").set(result);
        sumError(code, a, b, result);
        code.f64(0).op("f64_eq").brIf(exact).br(elsewhere);
      });
      if (fma === "relaxed") {
        wanted("mul").if("void", () => {
          code.get(a).get(b).op("f64_mul").set(result);
          for (const value of [a, b]) moderate(code, value).op("i32_eqz").brIf(elsewhere);
          remainder(code, a, b, result).brIf(exact).br(elsewhere);
        });
        wanted("div").if("void", () => {
          code.get(a).get(b).op("f64_div").set(result);
          for (const value of [a, b]) moderate(code, value).op("i32_eqz").brIf(elsewhere);
          remainder(code, result, b, a).brIf(exact).br(elsewhere);
        });
      }
      code.br(elsewhere);
    });
    code.i32(0).get(result).memRelocatable("f64_store", places.softResult).op("return");
  });
  return code.get(0).call(far);
}

/** Pushes what rounding a + b to `total` lost (Knuth). */
function sumError(code: CodeBuilder, a: Local, b: Local, total: Local): void {
  const virtual = code.local("f64");
  code.get(total).get(a).op("f64_sub").set(virtual);
  code.get(a).get(total).get(virtual).op("f64_sub", "f64_sub");
  code.get(b).get(virtual).op("f64_sub", "f64_add");
}

/** Pushes whether a value is zero, or its magnitude is within the bounds. */
function moderate(code: CodeBuilder, value: Local): CodeBuilder {
  code.get(value).op("f64_abs").f64(LEAST).op("f64_gt").get(value).op("f64_abs").f64(GREATEST).op("f64_lt", "i32_and");
  return code.get(value).f64(0).op("f64_eq", "i32_or");
}

/** Pushes whether a × b is exactly `product`, by a fused multiply-add. */
function remainder(code: CodeBuilder, a: Local, b: Local, product: Local): CodeBuilder {
  code.get(a).op("f64x2_splat").get(b).op("f64x2_splat").get(product).op("f64_neg", "f64x2_splat");
  return code.op("f64x2_relaxed_madd").f64x2Lane(0).f64(0).op("f64_eq");
}
