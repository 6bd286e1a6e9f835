import assert from "node:assert/strict";
import { test } from "node:test";
import { CodeBuilder } from "./code.ts";
import { largestFunction } from "./largest-function.ts";
import { ModuleBuilder } from "./module.ts";

test("the largest body counts, wherever it is", () => {
  const module = new ModuleBuilder();
  const type = module.type([], ["i32"]);
  for (const constants of [1, 200, 3]) {
    const code = new CodeBuilder([]);
    for (let i = 1; i < constants; i++) code.i32(i).op("drop");
    module.body(module.define(type, `f${constants}`), code.i32(0));
  }
  const size = largestFunction(module.encode().bytes);
  assert.ok(size > 600 && size < 1000, `${size}`);
  assert.equal(largestFunction(new ModuleBuilder().encode().bytes), 0);
});
