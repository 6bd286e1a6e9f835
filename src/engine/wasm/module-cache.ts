/** Translations shared by all address spaces of the process, and kept from one run to the next by a store. */
import type { CodeCompiler, TranslationStore } from "../../machine/index.ts";
import type { Translation } from "../../translate/index.ts";
import type { BatchKey } from "./code-key.ts";
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

/** Modules of one object that are kept from one run to the next: each costs every run something. */
const MAX_BATCHES = 64;

/** What stands in place of a module that was replaced. */
const NO_BYTES = new Uint8Array(0);

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
  private readonly small: number;
  private readonly modules = new Map<string, CachedModule>();
  private readonly batchesOf = new Map<string, readonly CachedModule[]>();
  private readonly replaced = new WeakSet<CachedModule>();

  /** @param small - modules of fewer bytes are optimised when the host itself sees fit. */
  constructor(compiler: CodeCompiler, store: TranslationStore | undefined, small = 0) {
    this.compiler = compiler;
    this.store = store;
    this.small = small;
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
    const translation = stored ?? this.timed("translateMs", make);
    if (translation === undefined) return undefined;
    const module = this.compile(translation);
    if (key !== undefined) {
      this.modules.set(key, module);
      if (stored === undefined) this.store?.put(key, encodeTranslation(translation));
    }
    return module;
  }

  /** All modules that were added under a batch key, in this process or in earlier ones. */
  batches(key: BatchKey): readonly CachedModule[] {
    const known = this.batchesOf.get(key(0));
    if (known !== undefined) return known;
    const found: CachedModule[] = [];
    for (let n = 0; n < MAX_BATCHES; n++) {
      const stored = this.fromStore(key(n));
      if (stored === undefined) break;
      found.push(this.compile(stored));
    }
    this.batchesOf.set(key(0), found);
    return found;
  }

  /** Makes one more module of a batch key; without a key nothing is kept. */
  add(key: BatchKey | undefined, make: () => Translation | undefined): CachedModule | undefined {
    const translation = this.timed("translateMs", make);
    if (translation === undefined) return undefined;
    const module = this.compile(translation);
    if (key === undefined) return module;
    const before = this.batches(key);
    this.batchesOf.set(key(0), [...before, module]);
    if (before.length < MAX_BATCHES) this.store?.put(key(before.length), encodeTranslation(translation));
    return module;
  }

  /** Makes those modules of a batch key that stand in for all that it has. */
  replace(key: BatchKey, make: () => readonly Translation[]): readonly CachedModule[] {
    const translations = this.timed("translateMs", make);
    const modules = translations.map((translation) => this.compile(translation, "eager"));
    const before = this.batches(key);
    for (const module of before) this.replaced.add(module);
    this.batchesOf.set(key(0), modules);
    for (const [n, translation] of translations.entries()) this.store?.put(key(n), encodeTranslation(translation));
    for (let n = modules.length; n < before.length; n++) this.store?.put(key(n), NO_BYTES);
    return modules;
  }

  /** Whether a module has been replaced by others. */
  isReplaced(module: CachedModule): boolean {
    return this.replaced.has(module);
  }

  private compile(translation: Translation, wanted: "late" | "eager" = "late"): CachedModule {
    const temper = wanted === "late" && translation.wasm.length < this.small ? "own" : wanted;
    const compiled = this.timed("compileMs", () => this.compiler.compile(translation.wasm, temper));
    this.stats.modules++;
    this.stats.regions += translation.regions.length;
    this.stats.guestBytes += translation.guestBytes;
    this.stats.wasmBytes += translation.wasm.length;
    return { compiled, translation };
  }

  private fromStore(key: string): Translation | undefined {
    const bytes = this.store?.get(key);
    const translation = bytes === undefined ? undefined : decodeTranslation(bytes);
    if (translation !== undefined) this.stats.cacheHits++;
    return translation;
  }

  private timed<T>(counter: "translateMs" | "compileMs", work: () => T): T {
    const begin = this.compiler.now();
    const result = work();
    this.stats[counter] += this.compiler.now() - begin;
    return result;
  }
}
