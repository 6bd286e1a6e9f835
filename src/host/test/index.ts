export * from "./clock.ts";
export * from "./console.ts";
export * from "./engine.ts";
export * from "./entropy.ts";
export * from "./interleaving.ts";
export * from "./kernel.ts";
export * from "./store.ts";
