export * from "./module.ts";
export * from "./target.ts";
