import {
  type AddressRange,
  type CodeCompiler,
  type CodeObject,
  type Engine,
  type EngineStats,
  EXIT,
  type ExitReason,
  type GuestMemory,
  type Space,
  type SpaceOptions,
  TRAP,
} from "../../machine/index.ts";
import { writeCounters } from "../counters.ts";
import { type MemorySlot, SpacePool } from "../space-pool.ts";
import { type Interpreter, interpreterOf } from "./interpreter.ts";
import { LEAVE } from "./leave.ts";

export interface InterpEngineOptions {
  readonly compiler: CodeCompiler;
  /** Memories to share with other engines of the process. */
  readonly pool?: SpacePool;
}

/**
 * How many instructions run before control comes back for a moment, some 4 ms. Leaving lets the host go on in better code: it
 * cannot replace a function that runs.
 */
const SLICE = 1_000_000;

/** Makes an engine that interprets everything. */
export function createInterpEngine({ compiler, pool = new SpacePool(compiler) }: InterpEngineOptions): Engine {
  const spaces = new Set<InterpSpace>();
  let finished = 0;
  return {
    name: "interp",
    createSpace(handler, options, content) {
      const slot = pool.acquire(content);
      const interpreter = interpreterOf(slot, compiler, handler);
      const space = new InterpSpace({ slot, interpreter, options, now: () => compiler.now() }, () => {
        spaces.delete(space);
        finished += interpreter.retired;
        interpreter.reset();
        pool.release(slot);
      });
      spaces.add(space);
      return space;
    },
    stats: () => statsOf([...spaces].reduce((sum, space) => sum + space.retired, finished)),
  };
}

function statsOf(interpreted: number): EngineStats {
  return {
    interpreted,
    translated: 0,
    regions: 0,
    modules: 0,
    guestBytes: 0,
    wasmBytes: 0,
    translateMs: 0,
    compileMs: 0,
    cacheHits: 0,
  };
}

interface SpaceParts {
  readonly slot: MemorySlot;
  readonly interpreter: Interpreter;
  readonly options: SpaceOptions;
  readonly now: () => number;
}

class InterpSpace implements Space {
  readonly memory: GuestMemory;
  readonly checksAccess = true;
  readonly pollsItself = true;
  options: SpaceOptions;
  private readonly slot: MemorySlot;
  private readonly interpreter: Interpreter;
  private readonly now: () => number;
  private readonly giveBack: () => void;
  private released = false;

  constructor({ slot, interpreter, options, now }: SpaceParts, giveBack: () => void) {
    this.slot = slot;
    this.memory = slot.memory;
    this.interpreter = interpreter;
    this.options = options;
    this.now = now;
    this.giveBack = giveBack;
  }

  /** Instructions run in this space. */
  get retired(): number {
    return this.interpreter.retired;
  }

  run(fuel: number): ExitReason {
    const exact = this.options.poll === "fuel";
    const end = this.interpreter.retired + fuel;
    for (;;) {
      writeCounters(this.memory, exact, this.interpreter.retired, this.now);
      const { retired } = this.interpreter;
      const slice = exact ? Math.min(end - retired, SLICE) : SLICE;
      const reason = this.interpreter.run({ tiering: false, exact }, slice);
      switch (reason) {
        case TRAP.ELSEWHERE:
          if (exact && this.interpreter.retired >= end) return EXIT.POLL;
          break;
        case LEAVE.FENCE:
          this.interpreter.flush();
          break;
        case LEAVE.SLICE:
          if (exact) break;
          return EXIT.POLL;
        case EXIT.POLL:
          if (exact && this.interpreter.retired < end) break;
          return reason;
        case LEAVE.TRANSLATED:
        case LEAVE.HOT:
          throw new Error("the interpreter left for translated code, of which there is none");
        case LEAVE.FLAGS:
          throw new Error("the interpreter left for flags that nobody watches");
        default:
          return reason;
      }
    }
  }

  addObject(_object: CodeObject): void {
    // Where code comes from makes no difference to an interpreter.
  }

  invalidate(start: number, end: number): void {
    this.interpreter.invalidate(start, end);
  }

  reconfigure(options: SpaceOptions): void {
    // What was decoded depends on no option.
    this.options = options;
  }

  usedRuns(start: number, end: number): readonly AddressRange[] {
    return this.slot.usedRuns(start, end);
  }

  fill(start: number, end: number): void {
    this.slot.clear(start, end - start);
  }

  copy(to: number, from: number, length: number): void {
    this.slot.copy(to, from, length);
  }

  place(to: number, from: number, length: number, before: number, behind: number): void {
    this.slot.place(to, from, length, before, behind);
  }

  release(): void {
    if (this.released) return;
    this.released = true;
    this.giveBack();
  }
}
