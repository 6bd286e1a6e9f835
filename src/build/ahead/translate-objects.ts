/** Translates the objects of a program ahead of time. */
import { targetKey } from "../../engine/wasm/code-key.ts";
import { MemoryView, ObjectMap } from "../../engine/wasm/objects.ts";
import { encodeTranslation } from "../../engine/wasm/serialize.ts";
import { TARGET } from "../../engine/wasm/target.ts";
import type { AheadRow, Runtime } from "../../entry/manifest.ts";
import type { SpaceOptions } from "../../machine/engine.ts";
import { type Translation, translate } from "../../translate/index.ts";
import type { BlobWriter } from "../root/blobs.ts";
import type { RecordedObject } from "./recorder.ts";
import { computedAddresses, reachable } from "./starts.ts";
import { withoutNames } from "./without-names.ts";

/** How much is translated: everything, what the recorded start ran, or nothing. */
export type AheadScope = "all" | "startup" | "none";

export interface AheadResult {
  readonly rows: readonly AheadRow[];
  readonly targets: readonly string[];
  readonly float: boolean;
  /** Bytes of guest code, and of what was made of it. */
  readonly guestBytes: number;
  readonly wasmBytes: number;
}

/** Regions of a module: those that run at the start come together, the others in smaller groups of neighbours. */
const STARTUP_BATCH = 64;
const OTHER_BATCH = 24;

/** Collects the translations of one image; an object that turns up again is translated once. */
export class AheadTranslator {
  private readonly blobs: BlobWriter;
  private readonly scope: AheadScope;
  private readonly options: SpaceOptions & { readonly fma: boolean };
  private readonly rows = new Map<string, AheadRow>();
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
    const alone = runtime === "none";
    this.options = { policy, poll: alone ? "fuel" : "flag", fflags: alone, count: false, fma };
  }

  get result(): AheadResult {
    const rows = [...this.rows.values()].sort((a, b) => a.base - b.base || (a.contentKey < b.contentKey ? -1 : 1));
    const { float, guestBytes, wasmBytes } = this;
    return { rows, targets: [targetKey(this.options)], float, guestBytes, wasmBytes };
  }

  /** Translates what a process had mapped; its memory must still be there. */
  take(objects: readonly RecordedObject[]): void {
    if (this.scope === "none") return;
    const functions = new ObjectMap();
    for (const { object } of objects) functions.add(object);
    for (const recorded of objects) {
      const { object } = recorded;
      const name = `${object.contentKey} ${object.start}`;
      // The vDSO and what is written at run time have no file to come from.
      if (this.rows.has(name)) continue;
      const modules = this.translateObject(recorded, functions);
      const { contentKey, start: base } = object;
      if (modules.length > 0) this.rows.set(name, { name: object.name, contentKey, base, target: 0, modules });
    }
  }

  private translateObject(recorded: RecordedObject, functions: ObjectMap): AheadRow["modules"] {
    const { object, memory, ran, stored } = recorded;
    const known = object.symbols().map(({ address }) => address);
    const from = [...known, ...stored, ...computedAddresses(memory, object)];
    const { starts, float } = reachable(object, memory, functions, from, this.options);
    this.float ||= float;
    const startup = starts.filter(ran);
    const others = this.scope === "all" ? starts.filter((start) => !ran(start)) : [];
    return [
      ...this.batches(recorded, functions, startup, STARTUP_BATCH, true),
      ...this.batches(recorded, functions, others, OTHER_BATCH, false),
    ];
  }

  private *batches(
    { object, memory }: RecordedObject,
    functions: ObjectMap,
    starts: readonly number[],
    size: number,
    startup: boolean,
  ): Generator<AheadRow["modules"][number]> {
    const code = new MemoryView(memory, (pc) => pc >= object.start && pc < object.end);
    for (let left = starts; left.length > 0; ) {
      const [start, ...company] = left.slice(0, size);
      const made = translate({
        target: TARGET,
        options: { ...this.options, fma: this.options.fma ? "relaxed" : "soft" },
        code,
        functions,
        start: start!,
        company,
        include: () => false,
        limit: size,
        hints: () => [],
      });
      // A module may be full before all of the company is in it.
      const taken = new Set(made?.regions.map((region) => region.start) ?? [start!]);
      left = left.filter((pc) => !taken.has(pc));
      if (made !== undefined) yield this.keep(made, startup);
    }
  }

  private keep(made: Translation, startup: boolean): AheadRow["modules"][number] {
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
