/** What typed arrays are slow at, in WebAssembly. */
import { CodeBuilder } from "../base/wasm/code.ts";
import { ModuleBuilder } from "../base/wasm/module.ts";
import { PAGE_SIZE } from "../machine/index.ts";
import { MAX_WASM_PAGES } from "./limits.ts";

/**
 * Builds a module with `clear(address, length)`, `copy(to, from, length)`, `place(to, from, length, before, behind)`, which zeroes
 * so many bytes on both sides of the copy too, and `find(start, end, used)`: the first page of a range that is not all zeros, or, if
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
  const words = module.type(["i32", "i32", "i32", "i32", "i32"], []);
  const place = module.define(words, "place");
  module.body(place, placeBody());
  module.exportFunction("place", place);
  const find = module.define(module.type(["i32", "i32", "i32"], ["i32"]), "find");
  module.body(find, findBody());
  module.exportFunction("find", find);
  return module.encode().bytes;
}

/** A few hundred bytes at a time: loops of its own are faster than three calls of the host for that. */
function placeBody(): CodeBuilder {
  const code = new CodeBuilder(["i32", "i32", "i32", "i32", "i32"]);
  const [to, from, length, before, behind] = [0, 1, 2, 3, 4];
  const at = code.local("i32");
  const each = (begin: () => void, end: () => void, store: () => void) => {
    begin();
    code.set(at);
    code.block("void", (done) => {
      code.loop("void", (next) => {
        code.get(at);
        end();
        code.op("i32_ge_u").brIf(done);
        store();
        code.get(at).i32(16).op("i32_add").set(at);
        code.br(next);
      });
    });
  };
  const zero = () => code.get(at).i32(0).op("i8x16_splat").mem("v128_store", 0);
  each(
    () => code.get(to).get(before).op("i32_sub"),
    () => code.get(to),
    zero,
  );
  each(
    () => code.i32(0),
    () => code.get(length),
    () => code.get(to).get(at).op("i32_add").get(from).get(at).op("i32_add").mem("v128_load", 0).mem("v128_store", 0),
  );
  code.get(to).get(length).op("i32_add").set(to);
  each(
    () => code.get(to),
    () => code.get(to).get(behind).op("i32_add"),
    zero,
  );
  return code;
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
