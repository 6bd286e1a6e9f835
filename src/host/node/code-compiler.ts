import { readFileSync } from "node:fs";
import * as v8 from "node:v8";
import { buildFusedMultiplyAdd } from "../../base/wasm/fused-multiply-add.ts";
import type { CodeCompiler, CodeExports, CodeTable } from "../../machine/engine.ts";

/** The host's WebAssembly behind the {@link CodeCompiler} port. */
export function createCodeCompiler(): CodeCompiler {
  allowRelaxedSimd();
  return {
    fusedMultiplyAdd: hasFusedMultiplyAdd(),
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
    table: (size) => new NodeTable(size),
    compile: (bytes, temper) => compileWithBudget(bytes, TIERING_BUDGET[temper ?? "usual"]),
    instantiate: (module, imports) =>
      new WebAssembly.Instance(module as WebAssembly.Module, imports as WebAssembly.Imports)
        .exports as unknown as CodeExports,
    prebuilt,
    now: () => performance.now(),
    cpuMs() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
    classify(error) {
      if (error instanceof RangeError && /call stack/.test(error.message)) return "stack";
      return error instanceof WebAssembly.RuntimeError ? "trap" : "other";
    },
  };
}

/** Modules stand beside the bundle, which is built together with them; without a bundle there are none. */
function prebuilt(name: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return readFileSync(new URL(`./${name}.wasm`, import.meta.url));
  } catch {
    return undefined;
  }
}

class NodeTable implements CodeTable {
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

const isNode20 = process.versions.node.startsWith("20.");

/**
 * Bytes of code that a function runs before V8 11.3 optimises it, on other threads: by default; for translated guest
 * functions, which are large and call for more than they are worth while a program starts; for those that are known to be
 * worth it; and at most.
 */
const TIERING_BUDGET = { default: 1_800_000, usual: 100_000_000, eager: 10_000_000, patient: 0x7fff_ffff };

/** V8 notes the budget with the module; modules of others in this process keep theirs. */
function compileWithBudget(bytes: Uint8Array<ArrayBuffer>, budget: number): WebAssembly.Module {
  if (!isNode20) return new WebAssembly.Module(bytes);
  v8.setFlagsFromString(`--wasm-tiering-budget=${budget}`);
  try {
    return new WebAssembly.Module(bytes);
  } finally {
    v8.setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET.default}`);
  }
}

/** Node 20 has relaxed SIMD behind a flag; later versions have it always and would print an error for the flag. */
function allowRelaxedSimd(): void {
  if (isNode20) v8.setFlagsFromString("--experimental-wasm-relaxed-simd");
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
