export { createInterpEngine, type InterpEngineOptions } from "./interp/engine.ts";
export { SpacePool } from "./space-pool.ts";
export { createWasmEngine, type WasmEngineOptions } from "./wasm/engine.ts";
