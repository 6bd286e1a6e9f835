import type { CodeCompiler, Engine, TranslationStore } from "../../machine/index.ts";
import { interpreterOf } from "../interp/interpreter.ts";
import { SpacePool } from "../space-pool.ts";
import { ModuleCache } from "./module-cache.ts";
import { WasmSpace } from "./space.ts";
import type { Heard } from "./tiering.ts";

export interface WasmEngineOptions {
  readonly compiler: CodeCompiler;
  /** Where translations are kept from one run to the next. */
  readonly store?: TranslationStore;
  /** Memories to share with other engines of the process. */
  readonly pool?: SpacePool;
  /**
   * How often an address is jumped to before its code is translated; 1 to 65535. Without it code is translated when that is
   * likely to pay: in batches, and in proportion to how long the program has run.
   */
  readonly hotness?: number;
  readonly heard?: Heard;
}

/** Jumps to an address after which it is noted that it is hot. */
const REPORT_AFTER = 1000;

/** Makes the tiered engine: cold code is interpreted, hot code is translated. */
export function createWasmEngine(options: WasmEngineOptions): Engine {
  const { compiler, store, pool = new SpacePool(compiler) } = options;
  const hotness = {
    jumps: options.hotness ?? REPORT_AFTER,
    atOnce: options.hotness !== undefined,
    curious: options.hotness !== undefined || options.heard !== undefined,
    ...(options.heard === undefined ? {} : { heard: options.heard }),
  };
  const cache = new ModuleCache(compiler, store);
  const spaces = new Set<WasmSpace>();
  const finished = { interpreted: 0, translated: 0 };
  return {
    name: "wasm",
    createSpace(handler, spaceOptions, content) {
      const slot = pool.acquire(content);
      const interpreter = interpreterOf(slot, compiler, handler);
      const space = new WasmSpace({ slot, interpreter, handler, compiler, cache, hotness }, spaceOptions, () => {
        spaces.delete(space);
        finished.interpreted += space.interpreted;
        finished.translated += space.translated;
        interpreter.reset();
        pool.release(slot);
      });
      spaces.add(space);
      return space;
    },
    stats: () => ({
      ...cache.stats,
      interpreted: [...spaces].reduce((sum, space) => sum + space.interpreted, finished.interpreted),
      translated: [...spaces].reduce((sum, space) => sum + space.translated, finished.translated),
    }),
  };
}
