import type { TranslationStore } from "../../machine/index.ts";
import { parseCodeKey } from "../wasm/code-key.ts";
import { type AheadCode, type AheadModule, type AheadObject, moduleAt } from "./code.ts";

/**
 * Offers translated code as the store of an engine that also translates: the modules of a start are an object's first
 * batches, any other function is found in the module that brings it among others. What the image lacks goes to the store
 * behind it, if there is one.
 */
export function aheadStore(code: AheadCode, behind?: TranslationStore): TranslationStore {
  return {
    get(key) {
      const { contentKey, base, place, target } = parseCodeKey(key);
      const object = code.object(contentKey, base, target);
      const module = object && (place.kind === "batch" ? batchOf(object, place.number) : moduleAt(object, place.start));
      return module?.read() ?? behind?.get(key);
    },
    put: (key, value) => behind?.put(key, value),
  };
}

function batchOf({ modules }: AheadObject, number: number): AheadModule | undefined {
  return modules.filter(({ startup }) => startup)[number];
}
