export { type Bounds, MAX_BLOCKS, type SeenTarget, WHOLE_FUNCTION } from "./cfg.ts";
export { buildCheckAccess } from "./helpers.ts";
export * from "./module.ts";
export { Steps } from "./step.ts";
export * from "./target.ts";
