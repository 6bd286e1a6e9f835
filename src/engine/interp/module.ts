/** Generates the interpreter's module. */
import { ModuleBuilder } from "../../base/wasm/module.ts";
import type { Instruction } from "../../isa/instruction.ts";
import { INSTRUCTIONS } from "../../isa/table.ts";
import { HART, LAYOUT } from "../../machine/index.ts";
import { buildCheckAccess } from "../../translate/index.ts";
import { MAX_WASM_PAGES } from "../limits.ts";
import { buildDecoder } from "./decoder.ts";
import { buildOutOfLine } from "./functions.ts";
import { LoopBuilder, type LoopOptions } from "./loop.ts";

export { FLAG_WATCH, LEAVE } from "./leave.ts";

/** The builds that hosts which can preempt need; generating one takes some 15 ms. */
export const USUAL_BUILDS: readonly LoopOptions[] = (["relaxed", "soft"] as const).flatMap((fma) =>
  [true, false].map((tiering) => ({ fma, tiering, exact: false })),
);

/** Names a build, for a host that keeps some: see CodeCompiler.prebuilt. */
export function interpreterName({ fma, tiering, exact }: LoopOptions): string {
  return ["interpreter", fma, ...(tiering ? ["tiering"] : []), ...(exact ? ["exact"] : [])].join("-");
}

/**
 * Imports of the module, all in "env":
 * - `memory`;
 * - `syscall() → i32`: a TrapAnswer, which is why it is left if it is not 0;
 * - `frame(pc) → i32`: the new directory entry of pc's page; 0 if it is not executable;
 * - `soft(operation)`.
 *
 * Exports `run(fuel, heat) → i32`: the reason; fuel that is left stands in the hart.
 */
export function buildInterpreter(options: LoopOptions): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory("env", "memory", 1, MAX_WASM_PAGES);
  const syscall = module.importFunction("env", "syscall", module.type([], ["i32"]));
  const frame = module.importFunction("env", "frame", module.type(["i32"], ["i32"]));
  const soft = module.importFunction("env", "soft", module.type(["i32"], []));
  const checkAccess = module.define(module.type(["i64", "i32", "i32"], ["i32"]), "check access");
  module.body(checkAccess, buildCheckAccess({ hart: HART, pageTable: LAYOUT.pageTable }));
  const decode = module.define(module.type(["i32", "i32"], ["i32"]), "decode");
  module.body(decode, buildDecoder());
  const outOfLine = new Map<Instruction, number>();
  for (const row of INSTRUCTIONS.filter(isRare)) {
    const index = module.define(module.type(["i32", "i32"], ["i32"]), row.name);
    module.body(index, buildOutOfLine(row, options.fma, { checkAccess, soft }));
    outOfLine.set(row, index);
  }
  const run = module.define(module.type(["i32", "i32"], ["i32"]), "interpret");
  module.body(run, new LoopBuilder(options, { syscall, decode, frame, soft, checkAccess, outOfLine }).build());
  module.exportFunction("run", run);
  return module.encode().bytes;
}

/**
 * Whether an instruction's lowering stands in a function of its own. These are long and rarely dominate; without them
 * the loop is a third as long, and so much sooner in the host's optimised code.
 */
function isRare({ kind, extension }: Instruction): boolean {
  return kind === "amo" || kind === "csr" || (kind === "op" && (extension === "F" || extension === "D"));
}
