export * from "./engine.ts";
export * from "./hart.ts";
export * from "./memory.ts";
