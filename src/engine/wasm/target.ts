import { EXIT, HART, KERNEL_END, LAYOUT } from "../../machine/index.ts";
import type { Target } from "../../translate/index.ts";
import { CODE_MAP } from "../code-map.ts";
import { LEAVE } from "../interp/leave.ts";
import { MAX_WASM_PAGES } from "../limits.ts";

/** The machine as the translator sees it. */
export const TARGET: Target = {
  hart: HART,
  exit: { ...EXIT, FENCE: LEAVE.FENCE },
  pageTable: LAYOUT.pageTable,
  kernelEnd: KERNEL_END,
  codeMap: CODE_MAP.base,
  codeMapEntries: CODE_MAP.entries,
  maxPages: MAX_WASM_PAGES,
};
