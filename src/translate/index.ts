export { type Bounds, MAX_BLOCKS, WHOLE_FUNCTION } from "./cfg.ts";
export { buildCheckAccess } from "./helpers.ts";
export * from "./module.ts";
export { Steps } from "./step.ts";
export * from "./target.ts";
