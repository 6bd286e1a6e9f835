import type { CodeCompiler, CodeObject, Engine, EngineStats } from "../../machine/index.ts";
import { SpacePool } from "../space-pool.ts";
import { ModuleCache } from "../wasm/module-cache.ts";
import type { AheadCode } from "./code.ts";
import { AheadSpace } from "./space.ts";

export interface AheadEngineOptions {
  readonly compiler: CodeCompiler;
  readonly code: AheadCode;
  /** Told of code that is not there; the program gets SIGILL. */
  readonly onMissing?: (pc: number, object: CodeObject | undefined) => void;
  readonly pool?: SpacePool;
}

/** Modules of fewer bytes have nothing in them that takes the host long to optimise. */
const SMALL = 0x1_0000;

/**
 * Makes an engine that runs nothing but what was translated ahead of time: it has neither an interpreter nor a
 * translator. Accrued floating-point exceptions are always kept, because nobody could go over to that later.
 */
export function createAheadEngine({ compiler, code, onMissing, ...given }: AheadEngineOptions): Engine {
  const pool = given.pool ?? new SpacePool(compiler);
  const cache = new ModuleCache(compiler, undefined, SMALL);
  return {
    name: "ahead",
    createSpace(handler, options, content) {
      const slot = pool.acquire(content);
      const parts = { slot, handler, compiler, cache, code, onMissing };
      return new AheadSpace(parts, { ...options, fflags: true }, () => pool.release(slot));
    },
    stats: (): EngineStats => ({ ...cache.stats, interpreted: 0, translated: 0 }),
  };
}
