/** Builds images. */

export type { Report, ReportRow } from "./analyze/report.ts";
export { BuildError } from "./build-error.ts";
export { loadConfig } from "./config/load-config.ts";
export type { DrupeConfig } from "./config/schema.ts";
export { type InspectedScript, type Inspection, inspect, inspectSvg } from "./inspect.ts";
export { type MadeImage, makeImage } from "./make-image.ts";
export { makePlan } from "./make-plan.ts";
export { type MenuRow, menu } from "./menu.ts";
export { type Format, write } from "./output/formats.ts";
export { type Recorded, record, withRun } from "./record.ts";
