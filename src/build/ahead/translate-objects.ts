/** Translates the objects of a program ahead of time. */
import { type KeyOptions, targetKey, targetOptions } from "../../engine/wasm/code-key.ts";
import { MemoryView, ObjectMap } from "../../engine/wasm/objects.ts";
import { encodeTranslation } from "../../engine/wasm/serialize.ts";
import { TARGET } from "../../engine/wasm/target.ts";
import type { AheadRow, Runtime } from "../../entry/manifest.ts";
import { type TranslateRequest, type Translation, translate, WHOLE_FUNCTION } from "../../translate/index.ts";
import type { BlobWriter } from "../root/blobs.ts";
import type { RecordedObject } from "./recorder.ts";
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
const STARTUP_BATCH = 64;
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
  /** Milliseconds that it has taken so far. */
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
  }) {
    const { blobs, runtime, scope, policy, fma } = parts;
    this.blobs = blobs;
    this.scope = scope;
    this.alone = runtime === "none";
    this.target = targetKey({ policy, poll: this.alone ? "fuel" : "flag", fflags: this.alone, count: false, fma });
    this.targets = [this.target];
  }

  get result(): AheadResult {
    const rows = [...this.rows.values()].sort(
      (a, b) => a.target - b.target || a.base - b.base || (a.contentKey < b.contentKey ? -1 : 1),
    );
    const { targets, float, guestBytes, wasmBytes } = this;
    return { rows, targets, float, guestBytes, wasmBytes };
  }

  /** Translates what a process had mapped; its memory must still be there. */
  take(objects: readonly RecordedObject[]): void {
    if (this.scope === "none") return;
    const begin = performance.now();
    const functions = new ObjectMap();
    for (const { object } of objects) functions.add(object);
    for (const recorded of objects) {
      // A program that goes over to other options is served there with what it runs.
      const others = this.alone ? [] : [...recorded.hot.keys()].filter((target) => target !== this.target).sort();
      for (const target of [this.target, ...others]) this.takeObject(recorded, functions, target);
    }
    this.spentMs += performance.now() - begin;
  }

  private takeObject(recorded: RecordedObject, functions: ObjectMap, target: string): void {
    const { name, contentKey, start: base } = recorded.object;
    const key = `${contentKey} ${base} ${target}`;
    if (this.rows.has(key)) return;
    const job = { recorded, functions, options: targetOptions(target) };
    const modules = [...(target === this.target ? this.translateObject(job) : this.translateHot(job, target))];
    if (modules.length > 0) this.rows.set(key, { name, contentKey, base, target: this.indexOf(target), modules });
  }

  private indexOf(target: string): number {
    const known = this.targets.indexOf(target);
    return known >= 0 ? known : this.targets.push(target) - 1;
  }

  private *translateObject(job: Job): Generator<Module> {
    const { object, memory, ran, stored, hot } = job.recorded;
    const known = object.symbols().map(({ address }) => address);
    const from = [...known, ...stored, ...computedAddresses(memory, object)];
    const { starts: reached, float } = reachable(object, memory, job.functions, from, job.options);
    this.float ||= float;
    // An engine that also interprets asks for whole functions, and for pieces where it was seen to.
    const starts = this.alone ? reached : reached.filter((start) => job.functions.startOf(start) === start);
    yield* this.batches(job, starts.filter(ran), STARTUP_BATCH, true);
    if (!this.alone) yield* this.pieces(job, hot.get(this.target)?.pieces ?? []);
    if (this.scope === "all")
      yield* this.batches(
        job,
        starts.filter((start) => !ran(start)),
        OTHER_BATCH,
        false,
      );
  }

  private *translateHot(job: Job, target: string): Generator<Module> {
    const { functions, pieces } = job.recorded.hot.get(target)!;
    yield* this.batches(job, functions, STARTUP_BATCH, true);
    yield* this.pieces(job, pieces);
  }

  private *batches(job: Job, starts: readonly number[], size: number, startup: boolean): Generator<Module> {
    for (let left = starts; left.length > 0; ) {
      const wanted = left.slice(0, size);
      const made = translate({ ...request(job), starts: wanted, boundsOf: () => WHOLE_FUNCTION, limit: size });
      // A module may be full before all of the company is in it.
      const taken = new Set(made?.regions.map((region) => region.start) ?? wanted);
      left = left.filter((pc) => !taken.has(pc));
      if (made !== undefined) yield this.keep(made, startup);
    }
  }

  private *pieces(job: Job, starts: readonly number[]): Generator<Module> {
    const boundsOf = () => ({ ...WHOLE_FUNCTION, maxBlocks: PIECE_BLOCKS });
    for (const start of starts) {
      const made = translate({ ...request(job), starts: [start], boundsOf, limit: 1 });
      if (made !== undefined) yield this.keep(made, true);
    }
  }

  private keep(made: Translation, startup: boolean): Module {
    const low = Math.min(...made.ranges.map((range) => range.start));
    const high = Math.max(...made.ranges.map((range) => range.end));
    const wasm = withoutNames(made.wasm);
    const regions = made.regions.map((region) => ({ ...region, name: "" }));
    const bytes = encodeTranslation({ ...made, wasm, regions, ranges: [{ start: low, end: high }] });
    this.guestBytes += made.guestBytes;
    this.wasmBytes += wasm.length;
    const starts = made.regions.map((region) => region.start).sort((a, b) => a - b);
    return { blob: this.blobs.add(bytes), starts: starts.map((pc, i) => pc - (starts[i - 1] ?? 0)), startup };
  }
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
    hints: () => [],
  } as const satisfies Partial<TranslateRequest>;
}
