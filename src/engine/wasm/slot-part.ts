import type { CodeCompiler, CodeTable, PollMode } from "../../machine/index.ts";
import type { MemorySlot } from "../space-pool.ts";
import { buildDispatcher, type DispatchAnswer } from "./dispatcher.ts";

/** Slots of the table of regions. Instances on Node 20 cost time and memory in proportion. */
export const TABLE_SIZE = 4096;

export type EnterFunction = (pc: number) => DispatchAnswer;

/**
 * A table is not used by a further guest once it was imported so often: V8 keeps every instance that imports a table, and
 * with it its code, for as long as the table lives (`WasmTableObject::AddDispatchTable`), whatever is still in the table.
 */
const MAX_INSTANCES = 512;

const PART = Symbol("wasm engine");

/** Compiled dispatchers, made once for each host compiler. */
const dispatchers = new WeakMap<CodeCompiler, Map<PollMode, unknown>>();

/** What a memory slot keeps for this engine: a table, and the dispatchers over it. */
export class SlotPart {
  readonly table: CodeTable;
  /** Stands in the table wherever nothing is translated. */
  readonly miss: unknown;
  /** Instances of translated modules that were made with the table. */
  instances = 0;
  /** Slots from here on are as at first. */
  used = 0;
  private readonly slot: MemorySlot;
  private readonly compiler: CodeCompiler;
  private readonly entered = new Map<PollMode, EnterFunction>();

  constructor(slot: MemorySlot, compiler: CodeCompiler, poll: PollMode) {
    this.slot = slot;
    this.compiler = compiler;
    this.table = compiler.table(0);
    const { miss, enter } = this.instantiate(poll);
    this.miss = miss;
    this.entered.set(poll, enter);
    this.table.grow(TABLE_SIZE, miss);
  }

  /** The dispatcher for a way of polling; most address spaces never change it. */
  enter(poll: PollMode): EnterFunction {
    let enter = this.entered.get(poll);
    if (enter === undefined) {
      enter = this.instantiate(poll).enter;
      this.entered.set(poll, enter);
    }
    return enter;
  }

  /** Takes what an earlier guest left out of the table: not when that ended, since often nobody comes after it. */
  clear(): void {
    for (let i = 0; i < this.used; i++) this.table.set(i, this.miss);
    this.used = 0;
  }

  private instantiate(poll: PollMode): { readonly miss: unknown; readonly enter: EnterFunction } {
    const { compiler, slot, table } = this;
    const modules = dispatchers.get(compiler) ?? new Map<PollMode, unknown>();
    dispatchers.set(compiler, modules);
    const module = modules.get(poll) ?? compiler.compile(buildDispatcher(poll), "own");
    modules.set(poll, module);
    const { miss, enter } = compiler.instantiate(module, { env: { memory: slot.handle, table: table.handle } });
    return { miss, enter: enter as unknown as EnterFunction };
  }
}

/** The part of a slot, made when it is first asked for; it stays with the slot from one guest to the next, until worn. */
export function slotPart(slot: MemorySlot, compiler: CodeCompiler, poll: PollMode): SlotPart {
  const known = slot.parts.get(PART) as SlotPart | undefined;
  if (known !== undefined && known.instances < MAX_INSTANCES) {
    known.clear();
    return known;
  }
  const part = new SlotPart(slot, compiler, poll);
  slot.parts.set(PART, part);
  return part;
}
