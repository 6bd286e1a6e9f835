/** Recognises the jump tables that compilers make of switch statements and computed gotos. */
import { constantOf, type Step, type Steps } from "./step.ts";
import type { CodeView } from "./target.ts";

/** Entries looked at. */
const MAX_ENTRIES = 512;

/** Bytes of code searched for the table's address, which loops keep in a register. */
const MAX_SEARCH = 0x4000;

/** How far from its jump a target may lie. */
const MAX_DISTANCE = 0x1_0000;

/** Where tables are looked for. */
export interface TableSearch {
  readonly code: CodeView;
  readonly decoded: Steps;
  /** Where the function begins. */
  readonly start: number;
  /** Constants that the code was found to put into registers. */
  readonly guesses: Map<number, number | undefined>;
}

/**
 * Reads the table behind a jump through `jump.rs1`, if the block before it looks like GCC's or Clang's code: an offset
 * loaded with `lw` is added to the table's or a label's address, or an address is loaded with `ld`.
 *
 * The table has no stated length. Entries are read as long as they are even and point near the jump; a wrong one costs an
 * unused target, since the target of each jump is compared before it is taken. For the same reason the table's address
 * may be a guess: the last one that the code above put into the register, or above an earlier jump of the region.
 *
 * @returns the targets; empty if there is no table.
 */
export function readJumpTable(
  { code, decoded, start, guesses }: TableSearch,
  jump: Step,
  before: readonly Step[],
): readonly number[] {
  const guess = (register: number) => {
    const value = guesses.get(register) ?? constantAbove(decoded, start, before[0]?.pc ?? jump.pc, register);
    guesses.set(register, value);
    return value;
  };
  const address = (index: number, register: number) => constantIn(before, index, register) ?? guess(register);
  const last = definition(before, before.length, jump.rs1);
  if (last === undefined || jump.imm !== 0) return [];
  const { op, rs1, rs2 } = last.step;
  if (op.name === "ld") {
    const sum = definition(before, last.index, rs1);
    return sum === undefined ? [] : readAddresses(code, jump.pc, tableBase(sum, address), last.step.imm);
  }
  if (op.name !== "add") return [];
  for (const [offset, base] of [
    [rs1, rs2],
    [rs2, rs1],
  ] as const) {
    const load = definition(before, last.index, offset);
    if (load === undefined || load.step.op.name !== "lw") continue;
    const origin = address(last.index, base);
    const sum = definition(before, load.index, load.step.rs1);
    const table = (sum === undefined ? undefined : tableBase(sum, address)) ?? origin;
    if (origin !== undefined && table !== undefined) {
      return readOffsets(code, jump.pc, table + load.step.imm, origin);
    }
  }
  return [];
}

type Found = { readonly step: Step; readonly index: number };

/** The constant operand of an addition that computes the address of a table's entry. */
function tableBase(
  { step, index }: Found,
  address: (index: number, register: number) => number | undefined,
): number | undefined {
  if (step.op.name === "sh3add" || step.op.name === "sh2add") return address(index, step.rs2);
  if (step.op.name !== "add") return undefined;
  const bases = [address(index, step.rs1), address(index, step.rs2)];
  return bases.reduce((a, b) => (a === undefined || (b !== undefined && b > a) ? b : a));
}

function readOffsets(code: CodeView, pc: number, start: number, base: number): readonly number[] {
  const targets = new Set<number>();
  for (let i = 0; i < MAX_ENTRIES; i++) {
    const offset = code.word(start + 4 * i);
    if (offset === undefined || !isTarget(code, pc, base + (offset | 0))) break;
    targets.add(base + (offset | 0));
  }
  return [...targets];
}

function readAddresses(code: CodeView, pc: number, table: number | undefined, offset: number): readonly number[] {
  const targets = new Set<number>();
  for (let i = 0; table !== undefined && i < MAX_ENTRIES; i++) {
    const low = code.word(table + offset + 8 * i);
    const high = code.word(table + offset + 8 * i + 4);
    if (low === undefined || high !== 0 || !isTarget(code, pc, low >>> 0)) break;
    targets.add(low >>> 0);
  }
  return [...targets];
}

function isTarget(code: CodeView, pc: number, target: number): boolean {
  return target % 2 === 0 && Math.abs(target - pc) <= MAX_DISTANCE && code.half(target) !== undefined;
}

/** The last instruction before `index` that writes an integer register. */
function definition(steps: readonly Step[], index: number, register: number): Found | undefined {
  for (let i = index - 1; i >= 0; i--) {
    const step = steps[i]!;
    if (step.writes.x & (1 << register)) return { step, index: i };
  }
  return undefined;
}

/** The constant that a register holds before `index`, as far as the steps tell. */
function constantIn(steps: readonly Step[], index: number, register: number): number | undefined {
  const found = definition(steps, index, register);
  if (found === undefined) return undefined;
  const value = constantOf(found.step, (source) => {
    return source === 0 ? 0 : constantIn(steps, found.index, source);
  });
  return value === undefined || value < 0 ? undefined : value;
}

/** The constant that the instructions from `start` to `end`, taken in the order of addresses, last put into a register. */
function constantAbove(decoded: Steps, start: number, end: number, register: number): number | undefined {
  const steps: Step[] = [];
  for (let pc = Math.max(start, end - MAX_SEARCH); pc < end; ) {
    const step = decoded.at(pc);
    if (step !== undefined) steps.push(step);
    pc += step?.length ?? 2;
  }
  for (let index = steps.length; index > 0; ) {
    const value = constantIn(steps, index, register);
    if (value !== undefined && value >= 0x1000) return value;
    const found = definition(steps, index, register);
    if (found === undefined) return undefined;
    index = found.index;
  }
  return undefined;
}
