/** Decides what is translated, and when: translating must pay for itself within the run. */
import type { CodeCompiler, GuestMemory, SpaceOptions } from "../../machine/index.ts";
import { type Bounds, MAX_BLOCKS, type TranslateOptions, translate } from "../../translate/index.ts";
import { heatCounter } from "../code-map.ts";
import { seenTarget } from "../interp/decode-cache.ts";
import type { Interpreter } from "../interp/interpreter.ts";
import type { CodeCache } from "./code-cache.ts";
import { batchKey, codeKey, type KeyOptions, targetKey } from "./code-key.ts";
import { type EditionRequest, makeEdition } from "./edition.ts";
import type { CachedModule, ModuleCache } from "./module-cache.ts";
import { type KnownObject, MemoryView, type ObjectMap } from "./objects.ts";
import { ProcessorClock } from "./processor-clock.ts";
import { TARGET } from "./target.ts";

/** When code is hot. */
export interface Hotness {
  /** Jumps to an address after which it is told of. */
  readonly jumps: number;
  /** Whether code is translated as soon as it is told of; else with others, and when that pays. */
  readonly atOnce: boolean;
  /** Whether objects are looked into as soon as any of their code is hot, and not only when that pays. */
  readonly curious: boolean;
  /** Told of each report. */
  readonly heard?: Heard;
}

/** Told of an address in an object that was reported, and of what its code would be translated for. */
export type Heard = (pc: number, target: string) => void;

export interface TieringParts {
  readonly memory: GuestMemory;
  readonly interpreter: Interpreter;
  readonly compiler: CodeCompiler;
  readonly cache: ModuleCache;
  readonly code: CodeCache;
  readonly objects: ObjectMap;
  readonly hotness: Hotness;
  /** What code is translated for at present. */
  readonly options: () => SpaceOptions;
  /** What modules import besides. */
  readonly functions: Readonly<Record<string, unknown>>;
}

/** Regions of a module at most. */
const BATCH = 400;

/** A callee that was called this fraction of the threshold comes along with a hot caller. */
const WARM = 8;

/** Guest bytes of a callee that each module may have a copy of. */
const COPY_BYTES = 96;

/** Blocks of a region that starts within a function. */
const PIECE_BLOCKS = 60;

/**
 * Of the time that a space has been there beyond this instant translating may take that share, whether it is due or not: who has
 * run so long is likely to run on.
 */
const SETTLED_MS = 400;
const SHARE = 0.5;

/** Modules are made no faster than this: the next when the space is older by one part in so many. */
const PAUSE = 64;

/** What a kilobyte of guest code costs before any has been translated: the translator itself is cold then. */
const FIRST_KILOBYTE_MS = 15;
const BEST_KILOBYTE_MS = 2;

/** Bytes that are taken to be hot of a large function, and of a piece of one. */
const HOT_BYTES = 4096;
const PIECE_BYTES = 512;

/** Reports of the same address after which it is looked at. */
const RIPE = 20;

/** What a report says that interpreting has cost: some 30 ns a jump. What has cost so many times its translation is due. */
const REPORT_MS = 0.03;
const RISK = 6;

/** Reports after which something comes along with what is ripe. */
const COMPANY = 8;

/**
 * What it takes to look into an object, for each megabyte of its text: to read its symbols, or to take the modules that there are
 * of it, and to start the thread that preempts. An object is looked into when interpreting it has cost so many times that.
 */
const LOOK_MS = 20;
const LOOK_RISK = 2;

/** A module with so many regions is not too small, if there is time for no more. */
const FEW = 16;

/** For so many regions that were asked for a callee may come along. */
const COMPANIONS = 2;

/**
 * An object gets a new edition of its code when the space is that old, and then each time that it is so many times as old as at
 * the last, if by then the code lies about in so many modules; and if making it takes no more than that share of its age.
 */
const EDITION_MODULES = 4;
const EDITION_AGE_MS = 1000;
const EDITION_GROWTH = 3;
const EDITION_SHARE = 0.1;

/** How often addresses were reported. */
type Reports = Map<number, number>;

/** What of an object, or of memory that belongs to none, is hot and not translated. */
interface Waiting {
  /** How often any of its code was reported. */
  reports: number;
  /** Whether the object is looked into. */
  open: boolean;
  /** As reported. */
  readonly heard: Reports;
  /** What was reported so often that it may be translated: functions by their start, and places within those that are translated. */
  readonly noted: Reports;
}

/** The addresses that were reported so often, those first that were most. */
function reportedSo(noted: Reports, often: number): number[] {
  const found = [...noted].filter(([, reports]) => reports >= often);
  return found.sort(([, a], [, b]) => b - a).map(([pc]) => pc);
}

/** The tiering of one address space. */
export class Tiering {
  private readonly parts: TieringParts;
  private readonly clock: ProcessorClock;
  /** When the first code was reported. A short-lived process has none, and the host's processor time costs 40 µs. */
  private beganMs: number | undefined;
  /** What translating for this space has cost, and what a kilobyte did at best. */
  private spentMs = 0;
  private kilobyteMs = FIRST_KILOBYTE_MS;
  /** The age from which on the next module may be made. */
  private pausedMs = 0;
  private readonly waiting = new Map<KnownObject | undefined, Waiting>();
  /** Modules that were taken from the cache, or added to it. */
  private readonly taken = new Set<CachedModule>();
  /** The age from which on an object may get a new edition. */
  private readonly editionMs = new Map<KnownObject, number>();
  /** Addresses whose code cannot be translated. */
  private readonly untranslatable = new Set<number>();
  /** Whether the table was full once: from then on only those modules are taken that are asked for. */
  private crowded = false;

  constructor(parts: TieringParts) {
    this.parts = parts;
    this.clock = new ProcessorClock(parts.compiler);
  }

  /** Forgets what it knew of code, which has changed; not what the objects that are still there have cost. */
  forget(): void {
    this.untranslatable.clear();
    for (const [known, { heard, noted }] of this.waiting) {
      if (known !== undefined && this.parts.objects.at(known.object.start) !== known) this.waiting.delete(known);
      heard.clear();
      noted.clear();
    }
  }

  /** Forgets which modules are in use: all were dropped. */
  forgetModules(): void {
    this.forget();
    this.taken.clear();
  }

  /** Accounts for an address that has become hot, once more perhaps. Answers whether there is code for it now. */
  reached(pc: number): boolean {
    const { code, objects, hotness } = this.parts;
    this.beganMs ??= this.clock.now();
    const known = objects.at(pc);
    const waiting = this.waitingIn(known);
    const { heard, noted } = waiting;
    const times = (heard.get(pc) ?? 0) + 1;
    heard.set(pc, times);
    waiting.reports++;
    if (known !== undefined) hotness.heard?.(pc, targetKey(this.keyOptions()));
    const wasOpen = waiting.open;
    waiting.open ||= known === undefined || this.paysToLook(known, waiting);
    if (!waiting.open) return false;
    const isNew = times === 1 || !wasOpen || this.crowded;
    if (known !== undefined && isNew && this.takeBatches(known, pc) && code.has(pc)) return true;
    if (!wasOpen)
      for (const [other, count] of heard) if (other !== pc && count >= COMPANY) this.note(known, other, count);
    if (times < COMPANY && !hotness.atOnce) return false;
    const reports = this.note(known, pc, wasOpen && times > COMPANY ? 1 : times);
    if (reports === undefined) return code.has(pc);
    if (hotness.atOnce) this.make(known, [...noted.keys()], BATCH);
    else if (Math.floor(reports.after / RIPE) > Math.floor(reports.before / RIPE)) {
      this.makeIfTime(known, noted);
      if (known !== undefined) this.reviseIfTime(known);
    }
    return code.has(pc);
  }

  private paysToLook({ object }: KnownObject, { reports }: Waiting): boolean {
    const costMs = ((object.end - object.start) / 2 ** 20) * LOOK_MS;
    return this.parts.hotness.curious || reports * REPORT_MS >= LOOK_RISK * costMs;
  }

  /** Notes that code was reported so often; undefined if it cannot be translated, or has been by now. */
  private note(known: KnownObject | undefined, pc: number, times: number) {
    const { code, objects } = this.parts;
    const start = objects.startOf(pc);
    const wanted = code.has(start) || this.untranslatable.has(start) ? pc : start;
    if (this.untranslatable.has(wanted)) return undefined;
    const { noted } = this.waitingIn(known);
    if (known !== undefined && !noted.has(wanted) && this.takeSingle(known, wanted)) return undefined;
    const before = noted.get(wanted) ?? 0;
    const after = before + times;
    noted.set(wanted, after);
    return { before, after };
  }

  private waitingIn(known: KnownObject | undefined): Waiting {
    const waiting = this.waiting.get(known) ?? { reports: 0, open: false, heard: new Map(), noted: new Map() };
    this.waiting.set(known, waiting);
    return waiting;
  }

  /** Looks, at a moment when no guest code is running, whether an object is to have a new edition: hot loops report nothing. */
  polled(): void {
    for (const known of this.waiting.keys()) if (known !== undefined) this.reviseIfTime(known);
  }

  /** How often an address was jumped to. */
  private heat(pc: number): number {
    return this.parts.memory.view.getUint16(heatCounter(pc), true);
  }

  /** Takes the modules of an object that this process made, or that a store has. Answers whether there were any to take. */
  private takeBatches(known: KnownObject, pc: number): boolean {
    const modules = this.parts.cache.batches(batchKey(known.object, this.keyOptions()));
    for (const module of this.taken) if (this.parts.cache.isReplaced(module)) this.drop(module);
    let any = false;
    for (const module of modules) {
      if (this.taken.has(module)) continue;
      if (this.crowded && !module.translation.regions.some(({ entries }) => entries.includes(pc))) continue;
      this.use(module, true);
      any = true;
    }
    return any;
  }

  /** Takes what a store has under the key of a function, or of a piece of one: an image brings such modules. */
  private takeSingle({ object }: KnownObject, pc: number): boolean {
    const { cache, objects } = this.parts;
    const key = codeKey(object, this.keyOptions(), pc, objects.startOf(pc) === pc ? undefined : PIECE_BLOCKS);
    const module = cache.get(key, () => undefined);
    if (module === undefined || this.taken.has(module)) return false;
    this.use(module, true);
    return true;
  }

  /**
   * Makes a new edition of an object's code. Functions were translated before all of their blocks that matter had run, calls
   * between modules cost several times those within one, and the host is told that this code is worth its best.
   */
  private reviseIfTime(known: KnownObject): void {
    const { ageMs } = this;
    if (ageMs < (this.editionMs.get(known) ?? EDITION_AGE_MS)) return;
    const { cache } = this.parts;
    const key = batchKey(known.object, this.keyOptions());
    const old = cache.batches(key).filter((module) => this.taken.has(module));
    const kilobytes = old.reduce((sum, module) => sum + module.translation.guestBytes, 0) / 1024;
    const enough = this.editionMs.has(known) ? EDITION_MODULES : 1;
    if (old.length < enough || kilobytes * this.kilobyteMs > ageMs * EDITION_SHARE) return;
    const begin = this.clock.now();
    const modules = cache.replace(key, () => makeEdition(this.editionRequest(known, old)));
    for (const module of old) this.drop(module);
    for (const module of modules) this.use(module, true);
    this.spentMs += this.clock.now() - begin;
    this.editionMs.set(known, ageMs * EDITION_GROWTH);
  }

  private editionRequest(known: KnownObject, old: readonly CachedModule[]): EditionRequest {
    const { memory, objects, interpreter } = this.parts;
    return {
      old: old.map(({ translation }) => translation),
      target: TARGET,
      options: this.translateOptions(),
      code: new MemoryView(memory, (pc) => known.contains(pc)),
      objects,
      hasRun: (pc) => interpreter.hasRun(pc),
      seen: (pc) => seenTarget(memory, pc),
    };
  }

  private drop(module: CachedModule): void {
    this.parts.code.remove(module);
    this.taken.delete(module);
  }

  private translateOptions(): TranslateOptions {
    const { options, compiler } = this.parts;
    return { ...options(), fma: compiler.fusedMultiplyAdd ? "relaxed" : "soft" };
  }

  private keyOptions(): KeyOptions {
    return { ...this.parts.options(), fma: this.parts.compiler.fusedMultiplyAdd };
  }

  /** How long the space has had code that is hot, without what translating for it has cost. */
  private get ageMs(): number {
    return this.clock.now() - this.beganMs! - this.spentMs;
  }

  /** A short run shall not spend its time on code that it will not need, and a module costs as much as many functions. */
  private makeIfTime(known: KnownObject | undefined, noted: Reports): void {
    const { ageMs } = this;
    if (ageMs < this.pausedMs) return;
    const candidates = reportedSo(noted, COMPANY);
    const chosen: number[] = [];
    let leftMs = Math.max(0, ageMs - SETTLED_MS) * SHARE - this.spentMs;
    let anyPays = false;
    for (const pc of candidates) {
      const costMs = (this.bytesAt(pc) / 1024) * this.kilobyteMs;
      const pays = noted.get(pc)! * REPORT_MS >= RISK * costMs;
      if (!pays) leftMs -= costMs;
      if (!pays && leftMs < 0) continue;
      anyPays ||= pays;
      chosen.push(pc);
      if (chosen.length === BATCH) break;
    }
    if (!anyPays && chosen.length < Math.min(candidates.length, FEW)) return;
    this.make(known, chosen, chosen.length + Math.ceil(chosen.length / COMPANIONS));
    this.pausedMs = ageMs + ageMs / PAUSE;
  }

  /** About how much code there is to translate at an address. */
  private bytesAt(pc: number): number {
    const end = this.parts.objects.endOf(pc);
    return end === undefined ? PIECE_BYTES : Math.min(end - pc, HOT_BYTES);
  }

  /** Translates functions, and pieces of those that have code already, as one module. */
  private make(known: KnownObject | undefined, pcs: readonly number[], limit: number): void {
    const { code, cache } = this.parts;
    const begin = this.clock.now();
    const key = known === undefined ? undefined : batchKey(known.object, this.keyOptions());
    const module = cache.add(key, () => this.translate(known, pcs, limit));
    if (module !== undefined) this.use(module, known !== undefined);
    const tookMs = this.clock.now() - begin;
    this.spentMs += tookMs;
    if (module !== undefined)
      this.kilobyteMs = Math.max(
        BEST_KILOBYTE_MS,
        Math.min(this.kilobyteMs, (tookMs * 1024) / module.translation.guestBytes),
      );
    const made = new Set(module?.translation.regions.map((region) => region.start));
    const { noted } = this.waitingIn(known);
    // What the module had no room for is not to blame.
    const room = made.size < limit;
    for (const pc of pcs) {
      if (!made.has(pc) && room && !code.has(pc)) this.untranslatable.add(pc);
      if (made.has(pc) || room) noted.delete(pc);
    }
  }

  private translate(known: KnownObject | undefined, pcs: readonly number[], limit: number) {
    const { objects, memory, interpreter, code } = this.parts;
    const inside =
      known === undefined ? (pc: number) => objects.at(pc) === undefined : (pc: number) => known.contains(pc);
    const isCold = (pc: number) => !interpreter.hasRun(pc);
    const whole: Bounds = { isTaken: () => false, isCold, maxBlocks: MAX_BLOCKS };
    const piece: Bounds = { isTaken: (pc) => code.has(pc), isCold, maxBlocks: PIECE_BLOCKS };
    return translate({
      target: TARGET,
      options: this.translateOptions(),
      code: new MemoryView(memory, inside),
      functions: objects,
      starts: pcs,
      include: (pc) => inside(pc) && !this.untranslatable.has(pc) && this.comesAlong(pc),
      boundsOf: (pc) => (objects.startOf(pc) === pc ? whole : piece),
      limit,
      seen: (pc) => seenTarget(memory, pc),
    });
  }

  /**
   * Whether a callee is translated together with its caller: if it is warm, so that both grow hot together. One that is
   * translated already comes once more only if it is so small that a direct call is worth a copy.
   */
  private comesAlong(pc: number): boolean {
    const { code, hotness, objects } = this.parts;
    if (!code.has(pc)) return this.heat(pc) >= hotness.jumps / WARM;
    const end = objects.endOf(pc);
    return end !== undefined && end - pc <= COPY_BYTES;
  }

  private use(module: CachedModule, fromFile: boolean): void {
    const { code, functions } = this.parts;
    this.taken.add(module);
    if (code.add(module, fromFile, functions)) return;
    // The table is full: everything goes, and what is still hot comes back from the cache.
    this.crowded = true;
    code.dropAll();
    this.taken.clear();
    this.taken.add(module);
    code.add(module, fromFile, functions);
  }
}
