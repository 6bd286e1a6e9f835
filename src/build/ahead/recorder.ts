/** Remembers what code programs map and run, for the translator to come when they end. */
import type { AheadCode } from "../../engine/ahead/code.ts";
import { aheadStore } from "../../engine/ahead/store.ts";
import { spaceAround } from "../../engine/around.ts";
import { heatCounter } from "../../engine/code-map.ts";
import { createWasmEngine } from "../../engine/index.ts";
import { parseCodeKey } from "../../engine/wasm/code-key.ts";
import { ObjectMap } from "../../engine/wasm/objects.ts";
import { onProcessExit } from "../../kernel/hooks.ts";
import { defineLibrary, type Library } from "../../kernel/library.ts";
import type { CodeCompiler, CodeObject, Engine, Space } from "../../machine/engine.ts";
import { HART } from "../../machine/hart.ts";
import type { GuestMemory } from "../../machine/memory.ts";
import { followsCall, storedAddresses } from "./starts.ts";

/** One object in the memory of a process that is about to end. */
export interface RecordedObject {
  readonly object: CodeObject;
  readonly memory: GuestMemory;
  /** Whether the function at an address was called. */
  readonly ran: (start: number) => boolean;
  /** Addresses of its code that lay in memory as data when the program began, or lie there now. */
  readonly stored: readonly number[];
  /** What became hot, by the target that it was to be translated for. */
  readonly hot: ReadonlyMap<string, HotPlaces>;
}

/** What is worth its translation, which takes time to load and to compile. */
export interface HotPlaces {
  /** Starts of functions. */
  readonly functions: readonly number[];
  /** Places within functions that their own regions cannot be entered at: jumps lead there which cannot be followed. */
  readonly pieces: readonly number[];
}

/**
 * So often must addresses of a kilobyte of code be reported for its translation to pay within the recorded run: loading and
 * compiling it takes some 0.22 ms, and a report stands for some 5,000 instructions, each of which is then 3.3 ns faster.
 */
const REPORTS_PER_KILOBYTE = 13;

export class Recorder {
  /** Interprets, and translates only what runs long. */
  readonly engine: Engine;
  /** Takes the objects of each process that ends: to be listed in the machine. */
  readonly library: Library;
  private readonly objects = new WeakMap<Space, CodeObject[]>();
  private readonly atStart = new WeakMap<CodeObject, readonly number[]>();
  /** Where programs begin: no jump leads there. */
  private readonly begins = new Set<number>();
  /** By target: what an engine asked its store for. Its counter begins anew then. */
  private readonly asked = new Map<string, { readonly functions: Set<number>; readonly pieces: Set<number> }>();
  /** By target: how often addresses were reported as hot. */
  private readonly reports = new Map<string, Map<number, number>>();

  /**
   * @param take - called while the memory of the process is still there.
   * @param code - what there is already; what it has is not hot.
   * @param around - what the first process goes through before its code runs.
   */
  constructor(
    compiler: CodeCompiler,
    take: (objects: readonly RecordedObject[]) => void,
    code?: AheadCode,
    around: (engine: Engine) => Engine = (engine) => engine,
  ) {
    // An engine asks its store for what has become hot.
    const known = code && aheadStore(code);
    const store = { get: (key: string) => known?.get(key) ?? this.becameHot(key), put: () => {} };
    // Time stands still for it: what it translates shall not depend on how long that takes.
    const inner = around(
      createWasmEngine({
        compiler: { ...compiler, now: () => 0, cpuMs: () => 0 },
        store,
        // Where translated code is left is no function that was not translated.
        heard: (pc, target) => {
          if (code !== undefined) return;
          const reports = this.reports.get(target) ?? new Map<number, number>();
          this.reports.set(target, reports.set(pc, (reports.get(pc) ?? 0) + 1));
        },
      }),
    );
    this.engine = {
      name: inner.name,
      stats: () => inner.stats(),
      createSpace: (handler, options, content) => this.watch(inner.createSpace(handler, options, content)),
    };
    this.library = defineLibrary({
      name: "recorder",
      summary: "tells of the code of processes that end",
      extends: [onProcessExit.with(({ mm }) => take(this.recorded(mm.space, mm.regions.sigreturn)))],
    });
  }

  private becameHot(key: string): undefined {
    const { place, target } = parseCodeKey(key);
    if (place.kind === "batch") return undefined;
    const asked = this.asked.get(target) ?? { functions: new Set(), pieces: new Set() };
    this.asked.set(target, asked);
    (place.kind === "function" ? asked.functions : asked.pieces).add(place.start);
  }

  /** @param sigreturn - where handlers return to, whether any ran or not. */
  private recorded(space: Space, sigreturn: number): readonly RecordedObject[] {
    const { memory } = space;
    const called = (start: number): boolean => memory.view.getUint16(heatCounter(start), true) > 0;
    const objects = this.objects.get(space) ?? [];
    const paying = this.payingFunctions(objects);
    return objects.map((object) => {
      const now = storedAddresses(memory, object).filter((pc) => !followsCall(memory, pc));
      const returns = sigreturn >= object.start && sigreturn < object.end ? [sigreturn] : [];
      const stored = [...(this.atStart.get(object) ?? []), ...now, ...returns];
      const inside = (...places: readonly Iterable<number>[]): readonly number[] => {
        const all = new Set(places.flatMap((some) => [...some]));
        return [...all].filter((pc) => pc >= object.start && pc < object.end).sort((a, b) => a - b);
      };
      const hot = new Map(
        [...new Set([...this.asked.keys(), ...paying.keys()])].map((target) => {
          const { functions = [], pieces = [] } = this.asked.get(target) ?? {};
          return [target, { functions: inside(functions, paying.get(target) ?? []), pieces: inside(pieces) }];
        }),
      );
      const known = new Set([...hot.values()].flatMap(({ functions }) => functions));
      return {
        object,
        memory,
        ran: (start) => known.has(start) || called(start) || this.begins.has(start),
        stored,
        hot,
      };
    });
  }

  /** By target: the starts of functions with so many reports that translating them pays. */
  private payingFunctions(objects: readonly CodeObject[]): ReadonlyMap<string, readonly number[]> {
    const functions = new ObjectMap();
    for (const object of objects) functions.add(object);
    const pays = ([start, reports]: readonly [number, number]): boolean => {
      const end = functions.endOf(start);
      return end !== undefined && reports >= ((end - start) / 1024) * REPORTS_PER_KILOBYTE;
    };
    return new Map(
      [...this.reports].map(([target, reports]) => {
        const sums = new Map<number, number>();
        for (const [pc, times] of reports) {
          const start = functions.startOf(pc);
          sums.set(start, (sums.get(start) ?? 0) + times);
        }
        return [target, [...sums].filter(pays).map(([start]) => start)];
      }),
    );
  }

  /** Passes everything on, and keeps account of objects. */
  private watch(space: Space): Space {
    let started = false;
    const watched = spaceAround(space, {
      run: (fuel) => {
        if (!started) {
          started = true;
          this.begins.add(space.memory.u32[HART.pc >>> 2]!);
          for (const object of this.objects.get(watched) ?? [])
            this.atStart.set(object, storedAddresses(space.memory, object));
        }
        return space.run(fuel);
      },
      addObject: (object) => {
        this.forget(watched, object.start, object.end).push(object);
        space.addObject(object);
      },
      invalidate: (start, end) => {
        this.forget(watched, start, end);
        space.invalidate(start, end);
      },
    });
    return watched;
  }

  private forget(space: Space, from: number, to: number): CodeObject[] {
    const kept = (this.objects.get(space) ?? []).filter(({ start, end }) => end <= from || start >= to);
    this.objects.set(space, kept);
    return kept;
  }
}
