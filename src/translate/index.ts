export type { Bounds } from "./cfg.ts";
export * from "./module.ts";
export * from "./target.ts";
