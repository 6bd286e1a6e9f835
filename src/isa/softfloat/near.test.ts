import assert from "node:assert/strict";
import { test } from "node:test";
import { CodeBuilder } from "../../base/wasm/code.ts";
import { ModuleBuilder } from "../../base/wasm/module.ts";
import { createCodeCompiler } from "../../host/node/code-compiler.ts";
import { buildNearSoft } from "./near.ts";
import { type SoftName, softNumber } from "./operations.ts";
import { makeSoft } from "./soft.ts";

const PLACES = { soft0: 0, soft1: 8, soft2: 16, softResult: 24, softRm: 32, fflags: 36 };

const compiler = createCodeCompiler();
const { memory, buffer } = compiler.memory(1, 1);
const f64 = new Float64Array(buffer, 0, 4);
const i32 = new Int32Array(buffer, 0, 10);
const far = makeSoft(buffer, PLACES);
let farCalls = 0;

/** The near routine as a module would bring it along. */
const near = (() => {
  const module = new ModuleBuilder();
  const type = module.type(["i32"], []);
  const imported = module.importFunction("env", "soft", type);
  module.importMemory("env", "memory", 1, 1);
  const soft = module.define(type, "soft");
  module.body(soft, buildNearSoft(PLACES, compiler.fusedMultiplyAdd ? "relaxed" : "soft", imported));
  const run = module.define(type, "run");
  module.body(run, new CodeBuilder(["i32"]).get(0).call(soft));
  module.exportFunction("run", run);
  const env = {
    memory,
    soft(operation: number) {
      farCalls++;
      far(operation);
    },
  };
  return compiler.instantiate(compiler.compile(module.encode().bytes), { env }).run!;
})();

function run(soft: (operation: number) => unknown, name: SoftName, a: number, b: number): [number, number] {
  [f64[0], f64[1], f64[3]] = [a, b, -7];
  i32[PLACES.softRm / 4] = 0;
  i32[PLACES.fflags / 4] = 0;
  soft(softNumber(name, "f64"));
  return [f64[3]!, i32[PLACES.fflags / 4]!];
}

test("buildNearSoft answers as the far routine", () => {
  const values = [0, -0, 1, 3, 0.1, -2.5, 1e300, -1e-300, 2 ** -1074, 2 ** 449, 2 ** 53 + 2, 1 / 3, Infinity, NaN];
  for (const name of ["add", "sub", "mul", "div", "sqrt"] as const) {
    for (const a of values) {
      for (const b of values) {
        assert.deepEqual(run(near, name, a, b), run(far, name, a, b), `${name} ${a} ${b}`);
      }
    }
  }
});

test("buildNearSoft keeps exact sums to itself", () => {
  farCalls = 0;
  assert.deepEqual(run(near, "add", 1, 2), [3, 0]);
  assert.deepEqual(run(near, "sub", 1, 1), [0, 0]);
  assert.equal(farCalls, 0);
});
