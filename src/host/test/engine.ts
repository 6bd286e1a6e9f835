import type {
  CodeObject,
  Engine,
  EngineStats,
  InitialContent,
  Space,
  SpaceOptions,
  TrapHandler,
} from "../../machine/engine.ts";
import { EXIT, type ExitReason } from "../../machine/hart.ts";
import { GuestMemory, WASM_PAGE_SIZE } from "../../machine/memory.ts";

const INITIAL_BYTES = 0x2000_0000;
const MAXIMUM_BYTES = 0x1_0000_0000;

/** Takes the place of guest code: changes registers and memory, makes calls by `space.handler`, says why it stopped. */
export type GuestScript = (space: ScriptedSpace) => ExitReason;

/** An engine that runs JavaScript functions instead of guest code: for tests that need a kernel but no program. */
export class ScriptedEngine implements Engine {
  readonly name = "scripted";
  readonly spaces = new Set<ScriptedSpace>();
  /** What runs when a space is run; by default nothing may. */
  script: GuestScript = () => {
    throw new Error("no guest code is expected to run in this test");
  };

  createSpace(handler: TrapHandler, options: SpaceOptions, content?: InitialContent): ScriptedSpace {
    const space = new ScriptedSpace(this, handler, options);
    for (const { start, end } of content?.ranges ?? []) {
      space.memory.ensure(end);
      space.memory.u8.set(content!.memory.u8.subarray(start, end), start);
    }
    this.spaces.add(space);
    return space;
  }

  stats(): EngineStats {
    return {
      interpreted: 0,
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
}

export class ScriptedSpace implements Space {
  readonly memory: GuestMemory;
  readonly checksAccess = true;
  readonly pollsItself = false;
  readonly handler: TrapHandler;
  options: SpaceOptions;
  /** What the kernel told of, for tests to look at. */
  readonly objects: CodeObject[] = [];
  readonly invalidated: (readonly [start: number, end: number])[] = [];
  private readonly engine: ScriptedEngine;

  constructor(engine: ScriptedEngine, handler: TrapHandler, options: SpaceOptions) {
    this.engine = engine;
    this.handler = handler;
    this.options = options;
    const buffer = new SharedArrayBuffer(INITIAL_BYTES, { maxByteLength: MAXIMUM_BYTES });
    this.memory = new GuestMemory({
      buffer,
      grow(pages) {
        const before = buffer.byteLength;
        buffer.grow(before + pages * WASM_PAGE_SIZE);
        return before / WASM_PAGE_SIZE;
      },
    });
  }

  run(_fuel: number): ExitReason {
    return this.engine.script(this);
  }

  addObject(object: CodeObject): void {
    this.objects.push(object);
  }

  invalidate(start: number, end: number): void {
    this.invalidated.push([start, end]);
  }

  reconfigure(options: SpaceOptions): void {
    this.options = options;
  }

  fill(start: number, end: number): void {
    this.memory.u8.fill(0, start, end);
  }

  copy(to: number, from: number, length: number): void {
    this.memory.u8.copyWithin(to, from, from + length);
  }

  place(to: number, from: number, length: number, before: number, behind: number): void {
    this.fill(to - before, to);
    this.copy(to, from, length);
    this.fill(to + length, to + length + behind);
  }

  release(): void {
    this.engine.spaces.delete(this);
  }
}

/** Makes the call that the registers hold; a script answers with this to be left, if the kernel asks for it. */
export function ecall(space: ScriptedSpace): ExitReason | undefined {
  return space.handler.syscall() === 0 ? undefined : EXIT.SYSCALL;
}
