import type { TranslationStore } from "../../machine/index.ts";
import { parseCodeKey } from "../wasm/code-key.ts";
import { type AheadCode, moduleAt } from "./code.ts";

/**
 * Offers translated code as the store of an engine that also translates: a function is found in the module that brings it
 * among others. What the image lacks goes to the store behind it, if there is one.
 */
export function aheadStore(code: AheadCode, behind?: TranslationStore): TranslationStore {
  return {
    get(key) {
      const { contentKey, base, start, target } = parseCodeKey(key);
      const object = code.object(contentKey, base, target);
      const module = object && moduleAt(object, start);
      return module?.read() ?? behind?.get(key);
    },
    put: (key, value) => behind?.put(key, value),
  };
}
