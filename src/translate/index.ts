export type { Bounds } from "./cfg.ts";
export { buildCheckAccess } from "./helpers.ts";
export * from "./module.ts";
export { Steps } from "./step.ts";
export * from "./target.ts";
