/** Translates the objects of a program ahead of time. */
import type { AheadCode, AheadModule } from "../../engine/ahead/code.ts";
import { seenTarget } from "../../engine/interp/decode-cache.ts";
import { type KeyOptions, targetKey, targetOptions } from "../../engine/wasm/code-key.ts";
import { MemoryView, ObjectMap } from "../../engine/wasm/objects.ts";
import { encodeTranslation } from "../../engine/wasm/serialize.ts";
import { TARGET } from "../../engine/wasm/target.ts";
import { fromDistances } from "../../entry/ahead.ts";
import type { AheadRow, Runtime } from "../../entry/manifest.ts";
import type { CodeObject } from "../../machine/engine.ts";
import {
  type Bounds,
  type TranslateRequest,
  type Translation,
  translate,
  WHOLE_FUNCTION,
} from "../../translate/index.ts";
import type { BlobWriter } from "../root/blobs.ts";
import { cpuMs } from "./profile.ts";
import type { HotPlaces, RecordedObject } from "./recorder.ts";
import { computedAddresses, reachable } from "./starts.ts";
import { withoutNames } from "./without-names.ts";

/** How much is translated: everything, what the recorded start ran, or nothing. */
export type AheadScope = "all" | "startup" | "none";

export interface AheadResult {
  readonly rows: readonly AheadRow[];
  readonly targets: readonly string[];
  /** Whether any of it computes with floating point. */
  readonly float: boolean;
  /** Bytes of guest code, and of what was made of it. */
  readonly guestBytes: number;
  readonly wasmBytes: number;
}

/** Regions of a module: those that run at the start come together, the others in smaller groups of neighbours. */
const STARTUP_BATCH = 256;
const OTHER_BATCH = 24;

/** Blocks of a piece of a function. */
const PIECE_BLOCKS = 60;

type Module = AheadRow["modules"][number];

/** One object, for one target. */
interface Job {
  readonly recorded: RecordedObject;
  readonly functions: ObjectMap;
  readonly options: KeyOptions;
}

/** Collects the translations of one image; an object that turns up again is translated once. */
export class AheadTranslator {
  private readonly blobs: BlobWriter;
  private readonly scope: AheadScope;
  /** Whether nothing else runs code: then every place that can be jumped to must have some. */
  private readonly alone: boolean;
  private readonly target: string;
  private readonly rows = new Map<string, AheadRow>();
  private readonly targets: string[];
  /** Whether every target is served for hosts without a second thread too, which count instructions. */
  private readonly counting: boolean;
  /** Modules by the number of their blob. */
  private readonly made = new Map<number, Uint8Array<ArrayBuffer>>();
  /** What {@link takeMore} has tried. */
  private readonly tried = new Set<string>();
  /** Milliseconds of processor time that it has taken so far. */
  spentMs = 0;
  private float = false;
  private guestBytes = 0;
  private wasmBytes = 0;

  constructor(parts: {
    blobs: BlobWriter;
    runtime: Runtime;
    scope: AheadScope;
    policy: "null" | "paged";
    fma: boolean;
    counting: boolean;
  }) {
    const { blobs, runtime, scope, policy, fma, counting } = parts;
    this.blobs = blobs;
    this.scope = scope;
    this.alone = runtime === "none";
    this.target = targetKey({ policy, poll: this.alone ? "fuel" : "flag", fflags: this.alone, count: false, fma });
    this.targets = [this.target];
    this.counting = counting && !this.alone;
  }

  get result(): AheadResult {
    const rows = [...this.rows.values()].sort(
      (a, b) => a.target - b.target || a.base - b.base || (a.contentKey < b.contentKey ? -1 : 1),
    );
    const { float, guestBytes, wasmBytes } = this;
    // What computes no floating point runs on any host.
    const anyHost = (target: string): string => targetKey({ ...targetOptions(target), fma: false });
    const targets = this.alone && !float ? this.targets.map(anyHost) : this.targets;
    return { rows, targets, float, guestBytes, wasmBytes };
  }

  /** What there is so far, as engines look for it. */
  get code(): AheadCode {
    const moduleOf = ({ blob, starts, startup }: Module): AheadModule => ({
      key: `${blob}`,
      starts: fromDistances(starts),
      startup,
      read: () => this.made.get(blob)!,
    });
    return {
      object: (contentKey, base, target) => {
        const row = this.rows.get(rowKey(contentKey, base, target));
        return row && { modules: row.modules.map(moduleOf) };
      },
    };
  }

  /** Translates what a process had mapped; its memory must still be there. */
  take(objects: readonly RecordedObject[]): void {
    if (this.scope === "none") return;
    const begin = cpuMs();
    const functions = functionsOf(objects);
    for (const recorded of objects) {
      // A program that goes over to other options is served there with what it runs.
      const others = this.alone ? [] : [...recorded.hot.keys()].filter((target) => target !== this.target).sort();
      for (const target of [this.target, ...others]) {
        for (const served of this.servedFor(target)) this.takeObject(recorded, functions, target, served);
      }
    }
    this.spentMs += cpuMs() - begin;
  }

  /**
   * Adds what a run on the code so far asked for in vain: places that are only entered where translated code is left. Answers
   * whether there was anything.
   */
  takeMore(objects: readonly RecordedObject[]): boolean {
    const begin = cpuMs();
    const functions = functionsOf(objects);
    let any = false;
    for (const recorded of objects) {
      for (const [target, places] of [...recorded.hot].sort(([a], [b]) => (a < b ? -1 : 1))) {
        for (const served of this.servedFor(target)) {
          const { contentKey, start: base } = recorded.object;
          const isNew = (pc: number): boolean => {
            const name = `${rowKey(contentKey, base, served)} ${pc}`;
            return !this.tried.has(name) && this.tried.add(name) !== undefined;
          };
          const wanted = { functions: places.functions.filter(isNew), pieces: places.pieces.filter(isNew) };
          const modules = [...this.translateHot({ recorded, functions, options: targetOptions(served) }, wanted)];
          if (modules.length > 0) this.addRow(recorded.object, served, modules);
          any ||= modules.length > 0;
        }
      }
    }
    this.spentMs += cpuMs() - begin;
    return any;
  }

  /** A target, and the one for hosts that count. */
  private servedFor(target: string): readonly string[] {
    return this.counting ? [target, targetKey({ ...targetOptions(target), poll: "fuel" })] : [target];
  }

  /** @param served - what is translated for, when `target` was seen to be run. */
  private takeObject(recorded: RecordedObject, functions: ObjectMap, target: string, served: string): void {
    const { contentKey, start: base } = recorded.object;
    if (this.rows.has(rowKey(contentKey, base, served))) return;
    const job = { recorded, functions, options: targetOptions(served) };
    const places = recorded.hot.get(target);
    const modules = [...(target === this.target ? this.translateObject(job, places) : this.translateHot(job, places!))];
    if (modules.length > 0) this.addRow(recorded.object, served, modules);
  }

  private addRow({ name, contentKey, start: base }: CodeObject, target: string, added: readonly Module[]): void {
    const key = rowKey(contentKey, base, target);
    const modules = [...(this.rows.get(key)?.modules ?? []), ...added];
    this.rows.set(key, { name, contentKey, base, target: this.indexOf(target), modules });
  }

  private indexOf(target: string): number {
    const known = this.targets.indexOf(target);
    return known >= 0 ? known : this.targets.push(target) - 1;
  }

  private *translateObject(job: Job, places: HotPlaces | undefined): Generator<Module> {
    const { object, memory, ran, stored } = job.recorded;
    const known = object.symbols().map(({ address }) => address);
    const from = [...known, ...stored, ...computedAddresses(memory, object)];
    const { starts: reached, float } = reachable(object, memory, job.functions, from, job.options);
    this.float ||= float;
    // An engine that also interprets asks for whole functions, and for pieces where it was seen to.
    const starts = this.alone ? reached : reached.filter((start) => job.functions.startOf(start) === start);
    // What was not hot is interpreted in less time than it takes to load its translation.
    const hot = new Set(places?.functions);
    const atStart = starts.filter((start) => (this.alone ? ran(start) : hot.has(start)));
    yield* this.batches(job, atStart, STARTUP_BATCH, true);
    if (!this.alone) yield* this.pieces(job, places?.pieces ?? []);
    if (this.scope !== "all") return;
    const coming = new Set(atStart);
    const others = starts.filter((start) => !coming.has(start));
    yield* this.batches(job, others, OTHER_BATCH, false);
  }

  private *translateHot(job: Job, { functions, pieces }: HotPlaces): Generator<Module> {
    yield* this.batches(job, functions, STARTUP_BATCH, true);
    yield* this.pieces(job, pieces);
  }

  private *batches(
    job: Job,
    starts: readonly number[],
    size: number,
    startup: boolean,
    bounds: Bounds = WHOLE_FUNCTION,
  ): Generator<Module> {
    for (let left = starts; left.length > 0; ) {
      const wanted = left.slice(0, size);
      const made = translate({ ...request(job), starts: wanted, boundsOf: () => bounds, limit: size });
      // A module may be full before all of the company is in it.
      const taken = new Set(made?.regions.map((region) => region.start) ?? wanted);
      left = left.filter((pc) => !taken.has(pc));
      if (made !== undefined) yield this.keep(made, startup);
    }
  }

  private *pieces(job: Job, starts: readonly number[]): Generator<Module> {
    yield* this.batches(job, starts, STARTUP_BATCH, true, { ...WHOLE_FUNCTION, maxBlocks: PIECE_BLOCKS });
  }

  private keep(made: Translation, startup: boolean): Module {
    const low = Math.min(...made.ranges.map((range) => range.start));
    const high = Math.max(...made.ranges.map((range) => range.end));
    const wasm = withoutNames(made.wasm);
    const regions = made.regions.map((region) => ({ ...region, name: "" }));
    const bytes = new Uint8Array(encodeTranslation({ ...made, wasm, regions, ranges: [{ start: low, end: high }] }));
    this.guestBytes += made.guestBytes;
    this.wasmBytes += wasm.length;
    const starts = made.regions.map((region) => region.start).sort((a, b) => a - b);
    const blob = this.blobs.add(bytes);
    this.made.set(blob, bytes);
    return { blob, starts: starts.map((pc, i) => pc - (starts[i - 1] ?? 0)), startup };
  }
}

function rowKey(contentKey: string, base: number, target: string): string {
  return `${contentKey} ${base} ${target}`;
}

function functionsOf(objects: readonly RecordedObject[]): ObjectMap {
  const functions = new ObjectMap();
  for (const { object } of objects) functions.add(object);
  return functions;
}

/** What is the same for all translations of one object. */
function request({ recorded: { object, memory }, functions, options }: Job) {
  const code = new MemoryView(memory, (pc) => pc >= object.start && pc < object.end);
  return {
    target: TARGET,
    options: { ...options, fma: options.fma ? "relaxed" : "soft" },
    code,
    functions,
    include: () => false,
    seen: (pc) => seenTarget(memory, pc),
  } as const satisfies Partial<TranslateRequest>;
}
