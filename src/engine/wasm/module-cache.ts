/** Translations shared by all address spaces of the process, and kept from one run to the next by a store. */
import type { CodeCompiler, TranslationStore } from "../../machine/index.ts";
import type { Translation } from "../../translate/index.ts";
import { decodeTranslation, encodeTranslation } from "./serialize.ts";

export interface CachedModule {
  readonly compiled: unknown;
  readonly translation: Translation;
}

/** What making modules has cost so far. */
export interface CacheStats {
  translateMs: number;
  compileMs: number;
  modules: number;
  regions: number;
  guestBytes: number;
  wasmBytes: number;
  cacheHits: number;
}

export class ModuleCache {
  readonly stats: CacheStats = {
    translateMs: 0,
    compileMs: 0,
    modules: 0,
    regions: 0,
    guestBytes: 0,
    wasmBytes: 0,
    cacheHits: 0,
  };
  private readonly compiler: CodeCompiler;
  private readonly store: TranslationStore | undefined;
  private readonly modules = new Map<string, CachedModule>();

  constructor(compiler: CodeCompiler, store: TranslationStore | undefined) {
    this.compiler = compiler;
    this.store = store;
  }

  /**
   * The module of a code key, from memory, from the store, or made by `make`. Without a key, for code that no file backs,
   * nothing is kept.
   */
  get(key: string | undefined, make: () => Translation | undefined): CachedModule | undefined {
    const known = key === undefined ? undefined : this.modules.get(key);
    if (known !== undefined) {
      this.stats.cacheHits++;
      return known;
    }
    const stored = key === undefined ? undefined : this.fromStore(key);
    if (stored !== undefined) this.stats.cacheHits++;
    const translation = stored ?? this.timed("translateMs", make);
    if (translation === undefined) return undefined;
    const compiled = this.timed("compileMs", () => this.compiler.compile(translation.wasm));
    this.stats.modules++;
    this.stats.regions += translation.regions.length;
    this.stats.guestBytes += translation.guestBytes;
    this.stats.wasmBytes += translation.wasm.length;
    const module = { compiled, translation };
    if (key !== undefined) {
      this.modules.set(key, module);
      if (stored === undefined) this.store?.put(key, encodeTranslation(translation));
    }
    return module;
  }

  private fromStore(key: string): Translation | undefined {
    const bytes = this.store?.get(key);
    return bytes === undefined ? undefined : decodeTranslation(bytes);
  }

  private timed<T>(counter: "translateMs" | "compileMs", work: () => T): T {
    const begin = this.compiler.now();
    const result = work();
    this.stats[counter] += this.compiler.now() - begin;
    return result;
  }
}
