import { buildFusedMultiplyAdd } from "../../base/wasm/fused-multiply-add.ts";
import type { CodeCompiler, CodeExports, CodeTable } from "../../machine/engine.ts";

/**
 * The WebAssembly interface behind the {@link CodeCompiler} port, as far as Node and browsers have it alike.
 *
 * @param allowFused - called before fused multiplication is tried: that is done when somebody first asks for it.
 */
export function wasmCompiler(now: () => number, allowFused: () => void = () => {}): CodeCompiler {
  let fused: boolean | undefined;
  return {
    get fusedMultiplyAdd() {
      if (fused === undefined) {
        allowFused();
        fused = hasFusedMultiplyAdd();
      }
      return fused;
    },
    memory(initial, maximum) {
      const memory = new WebAssembly.Memory({ initial, maximum, shared: true });
      return {
        memory,
        get buffer() {
          return memory.buffer;
        },
        grow: (pages) => memory.grow(pages),
      };
    },
    table: (size) => new WasmTable(size),
    compile: (bytes) => new WebAssembly.Module(bytes),
    instantiate: (module, imports) =>
      new WebAssembly.Instance(module as WebAssembly.Module, imports as WebAssembly.Imports)
        .exports as unknown as CodeExports,
    now,
    classify(error) {
      if (error instanceof RangeError && /call stack/i.test(error.message)) return "stack";
      return error instanceof WebAssembly.RuntimeError ? "trap" : "other";
    },
  };
}

class WasmTable implements CodeTable {
  readonly handle: WebAssembly.Table;

  constructor(size: number) {
    this.handle = new WebAssembly.Table({ element: "anyfunc", initial: size });
  }

  grow(count: number, fn: unknown): void {
    this.handle.grow(count, fn as () => void);
  }

  set(index: number, fn: unknown): void {
    this.handle.set(index, fn as (() => void) | null);
  }

  get(index: number): unknown {
    return this.handle.get(index);
  }
}

/** Runs `relaxed_madd` on operands whose exact product needs more than 53 bits: only a fused one keeps the low part. */
function hasFusedMultiplyAdd(): boolean {
  const bytes = buildFusedMultiplyAdd();
  if (!WebAssembly.validate(bytes)) return false;
  const { madd } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as unknown as {
    madd(a: number, b: number, c: number): number;
  };
  const a = 1 + 2 ** -30;
  return madd(a, a, -(a * a)) === 2 ** -60;
}
