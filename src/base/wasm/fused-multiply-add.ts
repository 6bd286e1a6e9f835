import { CodeBuilder } from "./code.ts";
import { ModuleBuilder } from "./module.ts";

/** Builds a module whose `madd(a, b, c)` is `f64x2.relaxed_madd`, for a host to be probed with. */
export function buildFusedMultiplyAdd(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  const code = new CodeBuilder(["f64", "f64", "f64"]);
  for (const operand of [0, 1, 2]) code.get(operand).op("f64x2_splat");
  code.op("f64x2_relaxed_madd").f64x2Lane(0);
  const index = module.define(module.type(["f64", "f64", "f64"], ["f64"]), "madd");
  module.body(index, code);
  module.exportFunction("madd", index);
  return module.encode().bytes;
}
