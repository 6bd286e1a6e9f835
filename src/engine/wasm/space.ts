import { makeSoft } from "../../isa/softfloat/soft.ts";
import {
  type CodeCompiler,
  type CodeObject,
  EXIT,
  type ExitReason,
  type GuestMemory,
  HART,
  type Space,
  type SpaceOptions,
  type TrapHandler,
} from "../../machine/index.ts";
import { type Bounds, Steps, translate } from "../../translate/index.ts";
import { heatCounter } from "../code-map.ts";
import { writeCounters } from "../counters.ts";
import type { Interpreter } from "../interp/interpreter.ts";
import { FLAG_WATCH, LEAVE } from "../interp/leave.ts";
import type { MemorySlot } from "../space-pool.ts";
import { CodeCache } from "./code-cache.ts";
import { codeKey } from "./code-key.ts";
import { DISPATCH, type DispatchAnswer } from "./dispatcher.ts";
import type { CachedModule, ModuleCache } from "./module-cache.ts";
import { type KnownObject, MemoryView, ObjectMap } from "./objects.ts";
import { type SlotPart, slotPart } from "./slot-part.ts";
import { TARGET } from "./target.ts";

export interface WasmSpaceParts {
  readonly slot: MemorySlot;
  readonly interpreter: Interpreter;
  readonly handler: TrapHandler;
  readonly compiler: CodeCompiler;
  readonly cache: ModuleCache;
  readonly hotness: number;
}

/** Instructions interpreted before the host may go on in better code. */
const SLICE = 2_000_000;

/** Changes between tiers after which the cycle counter is brought up to date. */
const COUNTER_STEPS = 64;

/** Instructions interpreted at a time while the rounding mode is not to nearest. */
const ROUNDING_SLICE = 1000;

/** Blocks of a region that starts within a function. */
const PIECE_BLOCKS = 60;

/** Regions of a module at most. */
const BATCH = 64;

/** A callee that was called this fraction of the threshold comes along with a hot caller. */
const WARM = 8;

/** Translating may always take so long, and of the time that the space has been there this share. */
const FREE_MS = 40;
const TRANSLATING_SHARE = 0.3;

/** More instructions than translated code runs from one poll to the next: a region has none in a cycle without a poll. */
const OVERSHOOT = 0x1_0000;

/** Hot functions that wait for each other at most. */
const MAX_COMPANY = 32;

/** Guest bytes of a callee that each module may have a copy of. */
const COPY_BYTES = 256;

/** An address space whose hot code is translated. */
export class WasmSpace implements Space {
  readonly memory: GuestMemory;
  options: SpaceOptions;
  private readonly parts: WasmSpaceParts;
  private readonly giveBack: () => void;
  private readonly createdMs: number;
  /** What translating for this space has cost. */
  private translateMs = 0;
  private readonly objects = new ObjectMap();
  private readonly part: SlotPart;
  private readonly code: CodeCache;
  private readonly functions: Readonly<Record<string, unknown>>;
  /** Addresses whose code cannot be translated. */
  private readonly untranslatable = new Set<number>();
  /** Functions that have been hot once, by object. */
  private readonly waiting = new Map<KnownObject | undefined, Set<number>>();
  private announced = false;
  /** Whether pc is an instruction on accrued exceptions that may be run although they are not kept. */
  private passesFlags = false;
  private released = false;

  constructor(parts: WasmSpaceParts, options: SpaceOptions, giveBack: () => void) {
    const { slot, handler, compiler } = parts;
    this.parts = parts;
    this.options = options;
    this.createdMs = compiler.now();
    this.giveBack = giveBack;
    this.memory = slot.memory;
    this.part = slotPart(slot, compiler);
    this.code = new CodeCache({
      compiler,
      memory: slot.memory,
      handle: slot.handle,
      table: this.part.table,
      miss: this.part.miss,
    });
    this.functions = {
      soft: makeSoft(slot.memory.shared.buffer, HART),
      syscall: () => {
        if (handler.syscall() === 0) return 0;
        this.memory.u32[HART.exit >>> 2] = EXIT.SYSCALL;
        return 1;
      },
    };
  }

  /** Instructions run by the interpreter. */
  get interpreted(): number {
    return this.parts.interpreter.retired;
  }

  /** Instructions run in translated code, if they are counted. */
  get translated(): number {
    return this.released
      ? 0
      : this.memory.u32[HART.retired >>> 2]! + this.memory.u32[(HART.retired >>> 2) + 1]! * 2 ** 32;
  }

  run(fuel: number): ExitReason {
    const exact = this.options.poll === "fuel";
    const { i32 } = this.memory;
    let left = fuel;
    for (let steps = 0; ; steps++) {
      if (steps % COUNTER_STEPS === 0) {
        writeCounters(this.memory, exact, this.interpreted + this.translated, () => this.parts.compiler.now());
      }
      // Translated code looks at its fuel only where it polls; the interpreter runs the rest to the instruction.
      const ending = exact && left <= OVERSHOOT;
      if (exact) i32[HART.fuel >>> 2] = ending ? left : Math.min(left - OVERSHOOT, 0x7fff_ffff);
      const before = i32[HART.fuel >>> 2]!;
      const reason = ending ? this.interpretRest(before) : this.step(exact, before);
      if (exact) {
        left -= before - this.memory.i32[HART.fuel >>> 2]!;
        if (reason === EXIT.POLL && left > 0) continue;
      }
      if (reason !== undefined) return reason;
      if (exact && left <= 0) return EXIT.POLL;
    }
  }

  addObject(object: CodeObject): void {
    this.objects.add(object);
  }

  invalidate(start: number, end: number): void {
    this.parts.interpreter.invalidate(start, end);
    this.code.invalidate(start, end);
    this.objects.remove(start, end);
    this.untranslatable.clear();
    this.waiting.clear();
  }

  reconfigure(options: SpaceOptions): void {
    this.options = options;
    this.code.dropAll();
    this.untranslatable.clear();
  }

  usedRuns(start: number, end: number): Iterable<{ readonly start: number; readonly end: number }> {
    return this.parts.slot.usedRuns(start, end);
  }

  fill(start: number, end: number): void {
    this.parts.slot.clear(start, end - start);
  }

  release(): void {
    if (this.released) return;
    this.code.dropAll();
    this.giveBack();
    this.released = true;
  }

  /** Interprets to the last unit of fuel, whatever is translated. */
  private interpretRest(fuel: number): ExitReason | undefined {
    return this.interpret(true, false, fuel, SLICE);
  }

  /** Runs for a while in one tier. Answers why the hart must be left, or undefined to go on. */
  private step(exact: boolean, fuel: number): ExitReason | undefined {
    const { u32 } = this.memory;
    if (this.passesFlags) return this.interpret(exact, true, fuel, SLICE);
    if (u32[HART.frm >>> 2] !== 0) return this.interpret(exact, false, fuel, ROUNDING_SLICE);
    const pc = u32[HART.pc >>> 2]!;
    if (u32[(HART.pc >>> 2) + 1] !== 0 || !this.code.publish(pc)) return this.interpret(exact, true, fuel, SLICE);
    const answer = this.enter(pc);
    if (answer === DISPATCH.ODD_STACK) return this.interpret(exact, true, fuel, SLICE);
    if (answer === DISPATCH.MISS) return this.missed(exact);
    if (answer !== DISPATCH.LEFT) return answer;
    const reason = this.memory.u32[HART.exit >>> 2]!;
    if (reason !== LEAVE.FENCE) return reason as ExitReason;
    this.fence();
    return undefined;
  }

  /** Runs translated code from pc. Answers one of DISPATCH, or the reason for which the host gave up. */
  private enter(pc: number): DispatchAnswer | typeof EXIT.STACK | typeof EXIT.IMPRECISE_FAULT {
    try {
      return this.part.enter[this.options.poll](pc);
    } catch (error) {
      switch (this.parts.compiler.classify(error)) {
        case "stack":
          return EXIT.STACK;
        case "trap":
          return EXIT.IMPRECISE_FAULT;
        default:
          throw error;
      }
    }
  }

  private keyOf({ object }: KnownObject, start: number, maxBlocks?: number): string {
    const fma = this.parts.compiler.fusedMultiplyAdd;
    return codeKey(object, { ...this.options, fma }, start, maxBlocks);
  }

  private use(module: CachedModule, fromFile: boolean): void {
    if (this.code.add(module, fromFile, this.functions)) return;
    // The table is full: everything goes, and what is still hot comes back from the cache.
    this.code.dropAll();
    this.code.add(module, fromFile, this.functions);
  }

  /** Goes on where the code map has nothing: it may have lost an entry, else the code is cold, but warms up. */
  private missed(exact: boolean): ExitReason | undefined {
    const pc = this.memory.u32[HART.pc >>> 2]!;
    if (this.code.has(pc)) return undefined;
    const heat = this.heat(pc) + 1;
    if (heat >= this.parts.hotness) return this.makeHot(pc);
    this.memory.view.setUint16(heatCounter(pc), heat, true);
    return this.interpret(exact, true, this.memory.i32[HART.fuel >>> 2]!, SLICE);
  }

  private interpret(exact: boolean, tiering: boolean, fuel: number, slice: number): ExitReason | undefined {
    const { interpreter, hotness } = this.parts;
    this.memory.u32[HART.flagWatch >>> 2] = this.flagWatch();
    this.passesFlags = false;
    const reason = interpreter.run({ tiering, exact }, exact ? fuel : slice, hotness);
    switch (reason) {
      case LEAVE.SLICE:
      case LEAVE.TRANSLATED:
        return undefined;
      case LEAVE.HOT:
        return this.makeHot(this.memory.u32[HART.pc >>> 2]!);
      case LEAVE.FENCE:
        this.fence();
        return undefined;
      case LEAVE.FLAGS:
        this.meetFlags();
        return undefined;
      default:
        return reason;
    }
  }

  private flagWatch(): number {
    if (this.options.fflags) return FLAG_WATCH.OFF;
    return this.passesFlags ? FLAG_WATCH.PASS : FLAG_WATCH.ON;
  }

  /** Decides about the instruction at pc while accrued exceptions are not kept: from one that looks at them on they are. */
  private meetFlags(): void {
    const steps = new Steps(new MemoryView(this.memory, () => true));
    const step = steps.at(this.memory.u32[HART.pc >>> 2]!);
    this.passesFlags = step !== undefined && !steps.observesFlags(step);
    if (!this.passesFlags) this.reconfigure({ ...this.options, fflags: true });
  }

  /**
   * Whether a callee is translated together with its caller: if it is warm, so that both grow hot together. One that is
   * translated already comes once more only if it is so small that a direct call is worth a copy.
   */
  private comesAlong(pc: number): boolean {
    if (!this.code.has(pc)) return this.heat(pc) >= this.parts.hotness / WARM;
    const end = this.objects.endOf(pc);
    return end !== undefined && end - pc <= COPY_BYTES;
  }

  /** How often an address was jumped to. */
  private heat(pc: number): number {
    return this.memory.view.getUint16(heatCounter(pc), true);
  }

  private fence(): void {
    this.parts.interpreter.flush();
    this.code.dropAnonymous();
  }

  private makeHot(pc: number): ExitReason | undefined {
    if (this.code.has(pc)) return undefined;
    const start = this.objects.startOf(pc);
    if (!this.code.has(start) && !this.translateTogether(start)) {
      this.memory.view.setUint16(heatCounter(pc), 0, true);
      return undefined;
    }
    // What the function's own region leaves out, because it is too large or because nobody saw that it is reached.
    if (!this.code.has(pc)) this.translateRegion(pc, { isTaken: (at) => this.code.has(at), maxBlocks: PIECE_BLOCKS });
    if (!this.code.has(pc)) this.memory.view.setUint16(heatCounter(pc), 0, true);
    // The kernel learns that this program runs long enough to be preempted.
    if (this.announced || this.options.poll === "fuel") return undefined;
    this.announced = true;
    return EXIT.POLL;
  }

  /**
   * Translates a function together with those of its object that have been hot once. One that is hot for the first time waits
   * for company, since a module costs as much as many functions; a translation that is kept somewhere is taken at once.
   *
   * @returns false if it waits.
   */
  private translateTogether(start: number): boolean {
    const object = this.objects.at(start);
    const waiting = this.waiting.get(object) ?? new Set<number>();
    this.waiting.set(object, waiting);
    if (this.translateMs > this.patienceMs()) return this.takeKept(start, object);
    if (waiting.delete(start) || waiting.size >= MAX_COMPANY) {
      this.translateRegion(start, undefined, [...waiting]);
      waiting.clear();
      return true;
    }
    if (this.untranslatable.has(start) || this.takeKept(start, object)) return true;
    waiting.add(start);
    return false;
  }

  /** How long translating may have taken by now: a short run shall not spend its time on code that it will not need. */
  private patienceMs(): number {
    return FREE_MS + (this.parts.compiler.now() - this.createdMs) * TRANSLATING_SHARE;
  }

  /** Takes a function's module if this process or the store has it. */
  private takeKept(start: number, object: KnownObject | undefined): boolean {
    if (object === undefined) return false;
    const module = this.parts.cache.get(this.keyOf(object, start), () => undefined);
    if (module !== undefined) this.use(module, true);
    return module !== undefined;
  }

  private translateRegion(start: number, bounds?: Bounds, company: readonly number[] = []): void {
    if (this.untranslatable.has(start)) return;
    const { cache, compiler } = this.parts;
    const known = this.objects.at(start);
    const inside =
      known === undefined ? (pc: number) => this.objects.at(pc) === undefined : (pc: number) => known.contains(pc);
    const { options } = this;
    const key = known === undefined ? undefined : this.keyOf(known, start, bounds?.maxBlocks);
    const before = cache.stats.translateMs;
    const module = cache.get(key, () =>
      translate({
        target: TARGET,
        options: { ...options, fma: compiler.fusedMultiplyAdd ? "relaxed" : "soft" },
        code: new MemoryView(this.memory, inside),
        functions: this.objects,
        start,
        company,
        include: (pc) => inside(pc) && !this.untranslatable.has(pc) && this.comesAlong(pc),
        limit: BATCH,
        hints: () => [],
        ...(bounds === undefined ? {} : { bounds }),
      }),
    );
    this.translateMs += cache.stats.translateMs - before;
    if (module === undefined) {
      this.untranslatable.add(start);
      return;
    }
    this.use(module, known !== undefined);
    if (!this.code.has(start)) this.untranslatable.add(start);
  }
}
