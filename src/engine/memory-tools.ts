/** What typed arrays are slow at, in WebAssembly. */
import { CodeBuilder } from "../base/wasm/code.ts";
import { ModuleBuilder } from "../base/wasm/module.ts";
import { PAGE_SIZE } from "../machine/index.ts";
import { MAX_WASM_PAGES } from "./limits.ts";

/**
 * Builds a module with `clear(address, length)`, `copy(to, from, length)` and `find(start, end, used)`: the first page of a range that is not all zeros, or, if
 * `used` is 0, that is; `end` if there is none.
 */
export function buildMemoryTools(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory("env", "memory", 1, MAX_WASM_PAGES);
  const clear = module.define(module.type(["i32", "i32"], []), "clear");
  module.body(clear, new CodeBuilder(["i32", "i32"]).get(0).i32(0).get(1).memoryFill());
  module.exportFunction("clear", clear);
  const copy = module.define(module.type(["i32", "i32", "i32"], []), "copy");
  module.body(copy, new CodeBuilder(["i32", "i32", "i32"]).get(0).get(1).get(2).memoryCopy());
  module.exportFunction("copy", copy);
  const find = module.define(module.type(["i32", "i32", "i32"], ["i32"]), "find");
  module.body(find, findBody());
  module.exportFunction("find", find);
  return module.encode().bytes;
}

/** Bytes that are looked at together. */
const STRIDE = 256;

function findBody(): CodeBuilder {
  const code = new CodeBuilder(["i32", "i32", "i32"]);
  const page = 0;
  const end = 1;
  const wanted = 2;
  const at = code.local("i32");
  const used = code.local("i32");
  code.block("void", (done) => {
    code.loop("void", (nextPage) => {
      code.get(page).get(end).op("i32_ge_u").brIf(done);
      code.get(page).set(at);
      code.loop("void", (nextStride) => {
        for (let offset = 0; offset < STRIDE; offset += 16) {
          code.get(at).mem("v128_load", offset);
          if (offset > 0) code.op("v128_or");
        }
        code.op("v128_any_true").tee(used).op("i32_eqz");
        code.get(at).i32(STRIDE).op("i32_add").tee(at).get(page).op("i32_sub").i32(PAGE_SIZE).op("i32_ne");
        code.op("i32_and").brIf(nextStride);
      });
      code.get(used).get(wanted).op("i32_eq").brIf(done);
      code.get(page).i32(PAGE_SIZE).op("i32_add").set(page);
      code.br(nextPage);
    });
  });
  return code.get(page);
}
