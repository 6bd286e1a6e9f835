/** Remembers what code programs map and run, for the translator to come when they end. */
import type { AheadCode } from "../../engine/ahead/code.ts";
import { aheadStore } from "../../engine/ahead/store.ts";
import { heatCounter } from "../../engine/code-map.ts";
import { createWasmEngine } from "../../engine/index.ts";
import { parseCodeKey } from "../../engine/wasm/code-key.ts";
import { onProcessExit } from "../../kernel/hooks.ts";
import { defineLibrary, type Library } from "../../kernel/library.ts";
import type { CodeCompiler, CodeObject, Engine, Space } from "../../machine/engine.ts";
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

export interface HotPlaces {
  /** Starts of functions. */
  readonly functions: readonly number[];
  /** Places within functions that their own regions cannot be entered at: jumps lead there which cannot be followed. */
  readonly pieces: readonly number[];
}

export class Recorder {
  /** Interprets, and translates only what runs long. */
  readonly engine: Engine;
  /** Takes the objects of each process that ends: to be listed in the machine. */
  readonly library: Library;
  private readonly objects = new WeakMap<Space, CodeObject[]>();
  private readonly atStart = new WeakMap<CodeObject, readonly number[]>();
  /** By target: what an engine asked its store for. Its counter begins anew then. */
  private readonly asked = new Map<string, { readonly functions: Set<number>; readonly pieces: Set<number> }>();

  /**
   * @param take - called while the memory of the process is still there.
   * @param code - what there is already; what it has is not hot.
   */
  constructor(compiler: CodeCompiler, take: (objects: readonly RecordedObject[]) => void, code?: AheadCode) {
    // An engine asks its store for what has become hot.
    const known = code && aheadStore(code);
    const store = { get: (key: string) => known?.get(key) ?? this.becameHot(key), put: () => {} };
    // Time stands still for it: what it translates shall not depend on how long that takes.
    const inner = createWasmEngine({ compiler: { ...compiler, now: () => 0, cpuMs: () => 0 }, store });
    this.engine = {
      name: inner.name,
      stats: () => inner.stats(),
      createSpace: (handler, options) => this.watch(inner.createSpace(handler, options)),
    };
    this.library = defineLibrary({
      name: "recorder",
      summary: "tells of the code of processes that end",
      extends: [onProcessExit.with(({ mm }) => take(this.recorded(mm.space)))],
    });
  }

  private becameHot(key: string): undefined {
    const { start, whole, target } = parseCodeKey(key);
    const asked = this.asked.get(target) ?? { functions: new Set(), pieces: new Set() };
    this.asked.set(target, asked);
    (whole ? asked.functions : asked.pieces).add(start);
  }

  private recorded(space: Space): readonly RecordedObject[] {
    const { memory } = space;
    const called = (start: number): boolean => memory.view.getUint16(heatCounter(start), true) > 0;
    return (this.objects.get(space) ?? []).map((object) => {
      const now = storedAddresses(memory, object).filter((pc) => !followsCall(memory, pc));
      const stored = [...(this.atStart.get(object) ?? []), ...now];
      const inside = (places: ReadonlySet<number>): readonly number[] =>
        [...places].filter((pc) => pc >= object.start && pc < object.end).sort((a, b) => a - b);
      const hot = new Map(
        [...this.asked].map(([target, { functions, pieces }]) => [
          target,
          { functions: inside(functions), pieces: inside(pieces) },
        ]),
      );
      const known = new Set([...hot.values()].flatMap(({ functions }) => functions));
      return { object, memory, ran: (start) => known.has(start) || called(start), stored, hot };
    });
  }

  /** Passes everything on, and keeps account of objects. */
  private watch(space: Space): Space {
    let started = false;
    const watched: Space = {
      memory: space.memory,
      get options() {
        return space.options;
      },
      run: (fuel) => {
        if (!started) {
          started = true;
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
      reconfigure: (options) => space.reconfigure(options),
      fill: (start, end) => space.fill?.(start, end),
      ...(space.usedRuns === undefined ? {} : { usedRuns: (start, end) => space.usedRuns!(start, end) }),
      release: () => space.release(),
    };
    return watched;
  }

  private forget(space: Space, from: number, to: number): CodeObject[] {
    const kept = (this.objects.get(space) ?? []).filter(({ start, end }) => end <= from || start >= to);
    this.objects.set(space, kept);
    return kept;
  }
}
