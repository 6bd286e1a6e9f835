/** Builds images. */
export { type Analysis, analyze, isClosed } from "./analyze/analyze.ts";
export { BuildError } from "./build-error.ts";
export { loadConfig } from "./config/load-config.ts";
export type { DrupeConfig } from "./config/schema.ts";
export { type MadeImage, makeImage } from "./make-image.ts";
export { makePlan } from "./make-plan.ts";
export { FORMATS, type Format, write } from "./output/formats.ts";
