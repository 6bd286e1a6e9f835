import {
  type AddressRange,
  type CodeCompiler,
  type CodeObject,
  EXIT,
  type ExitReason,
  type GuestMemory,
  HART,
  type Space,
  type SpaceOptions,
  TRAP,
  type TrapHandler,
} from "../../machine/index.ts";
import { Steps } from "../../translate/index.ts";
import { heatCounter } from "../code-map.ts";
import { writeCounters } from "../counters.ts";
import type { Interpreter } from "../interp/interpreter.ts";
import { FLAG_WATCH, LEAVE } from "../interp/leave.ts";
import type { MemorySlot } from "../space-pool.ts";
import { CodeCache } from "./code-cache.ts";
import { DISPATCH, type DispatchAnswer } from "./dispatcher.ts";
import type { ModuleCache } from "./module-cache.ts";
import { MemoryView, ObjectMap } from "./objects.ts";
import { type EnterFunction, type SlotPart, slotPart } from "./slot-part.ts";
import { type Hotness, Tiering } from "./tiering.ts";

export interface WasmSpaceParts {
  readonly slot: MemorySlot;
  readonly interpreter: Interpreter;
  readonly handler: TrapHandler;
  readonly compiler: CodeCompiler;
  readonly cache: ModuleCache;
  readonly hotness: Hotness;
}

/** Instructions interpreted before the host may go on in better code, and the kernel has a look: some 4 ms. */
const SLICE = 1_000_000;

/** Changes between tiers after which the cycle counter is brought up to date. */
const COUNTER_STEPS = 64;

/** Instructions interpreted at a time while the rounding mode is not to nearest. */
const ROUNDING_SLICE = 1000;

/** More instructions than translated code runs from one poll to the next: a region has none in a cycle without a poll. */
const OVERSHOOT = 0x1_0000;

/** Jumps within the interpreter that cost as much as one that leaves translated code for it, and takes all callers along. */
const MISS_JUMPS = 64;

/** An address space whose hot code is translated. */
export class WasmSpace implements Space {
  readonly memory: GuestMemory;
  checksAccess = true;
  options: SpaceOptions;
  private readonly parts: WasmSpaceParts;
  private readonly giveBack: () => void;
  private readonly objects = new ObjectMap();
  private readonly part: SlotPart;
  private dispatch: EnterFunction;
  /** Made when code is first hot: most children of fork(2) end before. */
  private hot: { readonly code: CodeCache; readonly tiering: Tiering } | undefined;
  /** Instructions that had been interpreted at the last poll. */
  private polledAt = 0;
  /** Whether pc is an instruction on accrued exceptions that may be run although they are not kept. */
  private passesFlags = false;
  private released = false;

  constructor(parts: WasmSpaceParts, options: SpaceOptions, giveBack: () => void) {
    const { slot, compiler } = parts;
    this.parts = parts;
    this.options = options;
    this.giveBack = giveBack;
    this.memory = slot.memory;
    this.part = slotPart(slot, compiler, options.poll);
    this.dispatch = this.part.enter(options.poll);
  }

  /** Until there is translated code, which may run for as long as it likes. */
  get pollsItself(): boolean {
    return (this.hot?.code.size ?? 0) === 0;
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
      if (reason === EXIT.POLL) this.hot?.tiering.polled();
      if (reason !== undefined) return reason;
      if (exact && left <= 0) return EXIT.POLL;
    }
  }

  addObject(object: CodeObject): void {
    this.objects.add(object);
  }

  invalidate(start: number, end: number): void {
    this.parts.interpreter.invalidate(start, end);
    this.hot?.code.invalidate(start, end);
    this.objects.remove(start, end);
    this.hot?.tiering.forget();
  }

  reconfigure(options: SpaceOptions): void {
    this.options = options;
    this.dispatch = this.part.enter(options.poll);
    this.hot?.code.dropAll();
    this.hot?.tiering.forgetModules();
  }

  usedRuns(start: number, end: number): readonly AddressRange[] {
    return this.parts.slot.usedRuns(start, end);
  }

  fill(start: number, end: number): void {
    this.parts.slot.clear(start, end - start);
  }

  copy(to: number, from: number, length: number): void {
    this.parts.slot.copy(to, from, length);
  }

  place(to: number, from: number, length: number, before: number, behind: number): void {
    this.parts.slot.place(to, from, length, before, behind);
  }

  release(): void {
    if (this.released) return;
    this.hot?.code.release(this.parts.slot.clear);
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
    if (u32[(HART.pc >>> 2) + 1] !== 0) return this.interpret(exact, true, fuel, SLICE);
    if (this.hot?.code.publish(pc) !== true) return this.missed(exact);
    const answer = this.enter(pc);
    if (answer === DISPATCH.ODD_STACK) return this.interpret(exact, true, fuel, SLICE);
    if (answer === DISPATCH.MISS) return this.missed(exact);
    if (answer === DISPATCH.ELSEWHERE) return undefined;
    if (answer !== DISPATCH.LEFT) return answer;
    const reason = this.memory.u32[HART.exit >>> 2]!;
    if (reason !== LEAVE.FENCE) return reason as ExitReason;
    this.fence();
    return undefined;
  }

  /** Runs translated code from pc. Answers one of DISPATCH, or the reason for which the host gave up. */
  private enter(pc: number): DispatchAnswer | typeof EXIT.STACK | typeof EXIT.IMPRECISE_FAULT {
    if (this.options.policy !== "paged") this.checksAccess = false;
    try {
      return this.dispatch(pc);
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

  /** Goes on where the code map has nothing: it may have lost an entry, else the code is cold, but warms up. */
  private missed(exact: boolean): ExitReason | undefined {
    const pc = this.memory.u32[HART.pc >>> 2]!;
    if (this.has(pc)) return undefined;
    const heat = this.memory.view.getUint16(heatCounter(pc), true) + MISS_JUMPS;
    if (heat < this.parts.hotness.jumps) this.memory.view.setUint16(heatCounter(pc), heat, true);
    else {
      const reason = this.makeHot(pc);
      if (reason !== undefined || this.has(pc)) return reason;
    }
    return this.interpret(exact, true, this.memory.i32[HART.fuel >>> 2]!, SLICE);
  }

  private interpret(exact: boolean, tiering: boolean, fuel: number, slice: number): ExitReason | undefined {
    const { interpreter, hotness } = this.parts;
    this.memory.u32[HART.flagWatch >>> 2] = this.flagWatch();
    this.passesFlags = false;
    const reason = interpreter.run({ tiering, exact }, exact ? fuel : slice, hotness.jumps);
    switch (reason) {
      case LEAVE.SLICE:
        return this.pollIfTime();
      case LEAVE.TRANSLATED:
      case TRAP.ELSEWHERE:
        return undefined;
      case LEAVE.HOT:
        return this.makeHot(this.memory.u32[HART.pc >>> 2]!) ?? this.pollIfTime();
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

  private fence(): void {
    this.parts.interpreter.flush();
    this.hot?.code.dropAnonymous();
  }

  private beginToTranslate() {
    const { memory, objects, part } = this;
    const { slot, handler, compiler, interpreter, cache, hotness } = this.parts;
    const code = new CodeCache({ compiler, memory, handle: slot.handle, part });
    const functions = {
      soft: slot.soft,
      syscall: () => {
        const answer = handler.syscall();
        if (answer === TRAP.GO_ON) return 0;
        memory.u32[HART.exit >>> 2] = answer;
        return 1;
      },
    };
    const options = () => this.options;
    const parts = { memory, interpreter, compiler, cache, code, objects, hotness, functions, options };
    return { code, tiering: new Tiering(parts) };
  }

  /** Whether there is translated code for an address. */
  private has(pc: number): boolean {
    return this.hot?.code.has(pc) === true;
  }

  private makeHot(pc: number): ExitReason | undefined {
    if (this.has(pc)) return undefined;
    const { pollsItself } = this;
    this.hot ??= this.beginToTranslate();
    const there = this.hot.tiering.reached(pc);
    if (!there) this.memory.view.setUint16(heatCounter(pc), 0, true);
    return pollsItself && !this.pollsItself ? this.poll() : undefined;
  }

  /** Reports of hot code end slices early, again and again where none of it is translated: so instructions count. */
  private pollIfTime(): ExitReason | undefined {
    return this.pollsItself && this.interpreted - this.polledAt >= SLICE ? this.poll() : undefined;
  }

  private poll(): ExitReason | undefined {
    if (this.options.poll === "fuel") return undefined;
    this.polledAt = this.interpreted;
    return EXIT.POLL;
  }
}
