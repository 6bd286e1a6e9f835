import { buildFusedMultiplyAdd } from "../../base/wasm/fused-multiply-add.ts";
import type { CodeCompiler, CodeExports, CodeTable } from "../../machine/engine.ts";

/** The browser's WebAssembly behind the {@link CodeCompiler} port. Workers may compile synchronously, whatever the size. */
export function createCodeCompiler(): CodeCompiler {
  return {
    fusedMultiplyAdd: hasFusedMultiplyAdd(),
    memory(initial, maximum) {
      const memory = new WebAssembly.Memory({ initial, maximum, shared: true });
      return {
        memory,
        get buffer() {
          return memory.buffer as unknown as SharedArrayBuffer;
        },
        grow: (pages) => memory.grow(pages),
      };
    },
    table: (size) => new BrowserTable(size),
    compile: (bytes) => new WebAssembly.Module(bytes),
    instantiate: (module, imports) =>
      new WebAssembly.Instance(module as WebAssembly.Module, imports as WebAssembly.Imports)
        .exports as unknown as CodeExports,
    now: () => performance.now(),
    classify(error) {
      if (error instanceof RangeError && /call stack/i.test(error.message)) return "stack";
      return error instanceof WebAssembly.RuntimeError ? "trap" : "other";
    },
  };
}

class BrowserTable implements CodeTable {
  readonly handle: WebAssembly.Table;
  readonly size: number;

  constructor(size: number) {
    this.handle = new WebAssembly.Table({ element: "anyfunc", initial: size });
    this.size = size;
  }

  set(index: number, fn: unknown): void {
    this.handle.set(index, fn as (() => void) | null);
  }

  get(index: number): unknown {
    return this.handle.get(index);
  }
}

/** Multiplies what needs more than 53 bits: only a fused multiply-add keeps the low part. */
function hasFusedMultiplyAdd(): boolean {
  const probe = buildFusedMultiplyAdd();
  if (!WebAssembly.validate(probe)) return false;
  const { madd } = new WebAssembly.Instance(new WebAssembly.Module(probe)).exports as unknown as {
    madd(a: number, b: number, c: number): number;
  };
  const a = 1 + 2 ** -30;
  return madd(a, a, -(a * a)) === 2 ** -60;
}
