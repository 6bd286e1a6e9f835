import type { CodeCompiler } from "../../machine/engine.ts";
import { wasmCompiler } from "../wasm/code-compiler.ts";

/** The browser's WebAssembly behind the {@link CodeCompiler} port. Workers may compile synchronously, whatever the size. */
export function createCodeCompiler(): CodeCompiler {
  return wasmCompiler(() => performance.now());
}
