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
import { writeCounters } from "../counters.ts";
import { LEAVE } from "../interp/leave.ts";
import type { MemorySlot } from "../space-pool.ts";
import { CodeCache } from "../wasm/code-cache.ts";
import { targetKey } from "../wasm/code-key.ts";
import { DISPATCH } from "../wasm/dispatcher.ts";
import type { ModuleCache } from "../wasm/module-cache.ts";
import { decodeTranslation } from "../wasm/serialize.ts";
import { type EnterFunction, type SlotPart, slotPart } from "../wasm/slot-part.ts";
import { type AheadCode, type AheadModule, type AheadObject, moduleAt } from "./code.ts";

const SP = HART.x + 8 * 2;

export interface AheadSpaceParts {
  readonly slot: MemorySlot;
  readonly handler: TrapHandler;
  readonly compiler: CodeCompiler;
  readonly cache: ModuleCache;
  readonly code: AheadCode;
  readonly onMissing: ((pc: number, object: CodeObject | undefined) => void) | undefined;
}

/** An object that is mapped, and its code, looked up when it is first run. */
interface MappedObject {
  readonly object: CodeObject;
  code: AheadObject | undefined;
}

/** An address space that runs code which was translated ahead of time. */
export class AheadSpace implements Space {
  readonly memory: GuestMemory;
  checksAccess = true;
  readonly pollsItself = false;
  options: SpaceOptions;
  private readonly parts: AheadSpaceParts;
  private readonly giveBack: () => void;
  private readonly part: SlotPart;
  private dispatch: EnterFunction;
  private readonly code: CodeCache;
  private readonly functions: Readonly<Record<string, unknown>>;
  private objects: MappedObject[] = [];

  constructor(parts: AheadSpaceParts, options: SpaceOptions, giveBack: () => void) {
    const { slot, handler, compiler } = parts;
    this.parts = parts;
    this.options = options;
    this.giveBack = giveBack;
    this.memory = slot.memory;
    this.part = slotPart(slot, compiler, options.poll);
    this.dispatch = this.part.enter(options.poll);
    this.code = new CodeCache({ compiler, memory: slot.memory, handle: slot.handle, part: this.part });
    this.functions = {
      soft: slot.soft,
      syscall: () => {
        const answer = handler.syscall();
        if (answer === TRAP.GO_ON) return 0;
        this.memory.u32[HART.exit >>> 2] = answer;
        return 1;
      },
    };
  }

  run(fuel: number): ExitReason {
    const { u32, i32 } = this.memory;
    const exact = this.options.poll === "fuel";
    writeCounters(this.memory, exact, 0, () => this.parts.compiler.now());
    if (exact) i32[HART.fuel >>> 2] = Math.min(fuel, 0x7fff_ffff);
    for (;;) {
      const pc = u32[HART.pc >>> 2]!;
      if (!this.code.publish(pc) && !this.load(pc)) return EXIT.ILLEGAL;
      const reason = this.enter(pc);
      if (reason === LEAVE.FENCE) this.code.dropAnonymous();
      else if (reason !== DISPATCH.MISS && reason !== TRAP.ELSEWHERE) return reason as ExitReason;
    }
  }

  addObject(object: CodeObject): void {
    this.removeObjects(object.start, object.end);
    this.objects.push({ object, code: undefined });
  }

  invalidate(start: number, end: number): void {
    this.code.invalidate(start, end);
    this.removeObjects(start, end);
  }

  reconfigure(options: SpaceOptions): void {
    this.options = { ...options, fflags: true };
    this.dispatch = this.part.enter(options.poll);
    this.code.dropAll();
    for (const mapped of this.objects) mapped.code = undefined;
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

  usedRuns(start: number, end: number): readonly AddressRange[] {
    return this.parts.slot.usedRuns(start, end);
  }

  release(): void {
    this.code.release(this.parts.slot.clear);
    this.giveBack();
  }

  /**
   * Runs from pc. Answers why the hart must be left, LEAVE.FENCE, TRAP.ELSEWHERE to go on at the hart's pc, or DISPATCH.MISS for
   * code that is not loaded.
   */
  private enter(pc: number): number {
    if (this.options.policy !== "paged") this.checksAccess = false;
    try {
      const answer = this.dispatch(pc);
      if (answer === DISPATCH.MISS) return answer;
      if (answer === DISPATCH.ELSEWHERE) return TRAP.ELSEWHERE;
      return answer === DISPATCH.ODD_STACK ? this.oddStack() : this.memory.u32[HART.exit >>> 2]!;
    } catch (error) {
      const kind = this.parts.compiler.classify(error);
      if (kind === "other") throw error;
      return kind === "stack" ? EXIT.STACK : EXIT.IMPRECISE_FAULT;
    }
  }

  /** Leaves as a store at sp would: the kernel knows whether there may be a stack. */
  private oddStack(): ExitReason {
    this.memory.i64[HART.faultAddress >>> 3] = this.memory.i64[SP >>> 3]!;
    return EXIT.STORE_FAULT;
  }

  /** Brings the code for an address in. Answers false, and tells, if there is none. */
  private load(pc: number): boolean {
    const mapped = this.objects.find(({ object }) => pc >= object.start && pc < object.end);
    const module = mapped && this.moduleFor(mapped, pc);
    if (module !== undefined && this.use(module) && this.code.publish(pc)) return true;
    this.parts.onMissing?.(pc, mapped?.object);
    return false;
  }

  private moduleFor(mapped: MappedObject, pc: number): AheadModule | undefined {
    const { object } = mapped;
    mapped.code ??= this.codeOf(object);
    return mapped.code && moduleAt(mapped.code, pc, true);
  }

  /** Code that is for every host, or for those that are like this one in fused multiplication, which takes time to find out. */
  private codeOf({ contentKey, start }: CodeObject): AheadObject | undefined {
    const { code, compiler } = this.parts;
    const find = (fma: boolean): AheadObject | undefined =>
      code.object(contentKey, start, targetKey({ ...this.options, fma }));
    return find(false) ?? (compiler.fusedMultiplyAdd ? find(true) : undefined);
  }

  private use(module: AheadModule): boolean {
    const cached = this.parts.cache.get(module.key, () => decodeTranslation(module.read()));
    if (cached === undefined) return false;
    if (this.code.add(cached, true, this.functions)) return true;
    // The table is full: everything goes, and what is still used comes back.
    this.code.dropAll();
    return this.code.add(cached, true, this.functions);
  }

  private removeObjects(start: number, end: number): void {
    this.objects = this.objects.filter(({ object }) => object.end <= start || object.start >= end);
  }
}
