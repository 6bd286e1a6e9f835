import type { CodeCompiler, CodeTable, PollMode } from "../../machine/index.ts";
import type { MemorySlot } from "../space-pool.ts";
import { buildDispatcher, type DispatchAnswer } from "./dispatcher.ts";

/** Slots of the table of regions. Instances on Node 20 cost time and memory in proportion. */
export const TABLE_SIZE = 4096;

type EnterFunction = (pc: number) => DispatchAnswer;

/** What a memory slot keeps for this engine: a table, and the dispatchers over it. */
export interface SlotPart {
  readonly table: CodeTable;
  readonly enter: Record<PollMode, EnterFunction>;
  readonly miss: unknown;
  /** Instances made with the table. */
  instances: number;
  /** Slots from here on are as at first. */
  used: number;
}

/**
 * A table is not used by a further guest once it was imported so often: V8 keeps every instance that imports a table, and
 * with it its code, for as long as the table lives (`WasmTableObject::AddDispatchTable`), whatever is still in the table.
 */
const MAX_INSTANCES = 512;

const PART = Symbol("wasm engine");

/** Compiled dispatchers, made once for each host compiler. */
const dispatchers = new WeakMap<CodeCompiler, Record<PollMode, unknown>>();

/** The part of a slot, made when it is first asked for; it stays with the slot from one guest to the next, until worn. */
export function slotPart(slot: MemorySlot, compiler: CodeCompiler): SlotPart {
  const known = slot.parts.get(PART) as SlotPart | undefined;
  if (known !== undefined && known.instances < MAX_INSTANCES) return cleared(known);
  const modules = dispatchers.get(compiler) ?? {
    flag: compiler.compile(buildDispatcher("flag")),
    fuel: compiler.compile(buildDispatcher("fuel")),
  };
  dispatchers.set(compiler, modules);
  const table = compiler.table(TABLE_SIZE);
  const imports = { env: { memory: slot.handle, table: table.handle } };
  const flag = compiler.instantiate(modules.flag, imports);
  const fuel = compiler.instantiate(modules.fuel, imports);
  const miss = flag.miss!;
  for (let i = 0; i < TABLE_SIZE; i++) table.set(i, miss);
  const part: SlotPart = {
    table,
    miss,
    instances: 0,
    used: 0,
    enter: { flag: flag.enter as unknown as EnterFunction, fuel: fuel.enter as unknown as EnterFunction },
  };
  slot.parts.set(PART, part);
  return part;
}

/** Takes what an earlier guest left out of the table: not when that ended, since often nobody comes after it. */
function cleared(part: SlotPart): SlotPart {
  for (let i = 0; i < part.used; i++) part.table.set(i, part.miss);
  part.used = 0;
  return part;
}
