/** The out-of-line floating-point operations, by number: what lowered code passes to `Emitter.soft`. */

export const SOFT_NAMES = [
  "add",
  "sub",
  "mul",
  "div",
  "sqrt",
  "fma",
  "min",
  "max",
  "eq",
  "to-i32",
  "to-u32",
  "to-i64",
  "to-u64",
  "from-i32",
  "from-u32",
  "from-i64",
  "from-u64",
  /** From the other format to this one. */
  "convert",
] as const;

export type SoftName = (typeof SOFT_NAMES)[number];

export type Precision = "f32" | "f64";

/** Number of an operation in one precision. */
export function softNumber(name: SoftName, precision: Precision): number {
  return SOFT_NAMES.indexOf(name) * 2 + (precision === "f64" ? 1 : 0);
}
