/** Discovers the basic blocks of a region: what control flow reaches from its start without leaving its function. */
import { readJumpTable, type TableSearch } from "./jump-table.ts";
import { Constants, isInterpreted, type Step, Steps, splitTailJump } from "./step.ts";
import type { CodeView, FunctionMap, TranslateOptions } from "./target.ts";

/** How a block ends. Addresses that are not blocks of the region are left for. */
export type Terminator =
  | { readonly kind: "jump"; readonly to: number }
  | { readonly kind: "branch"; readonly step: Step; readonly taken: number; readonly next: number }
  /** A call of a known address. */
  | { readonly kind: "call"; readonly step: Step; readonly target: number; readonly back: number }
  /** A call of an address in a register; `seen` is where it went the last time. */
  | { readonly kind: "call register"; readonly step: Step; readonly back: number; readonly seen: number | undefined }
  /** A jump to an address in a register; `targets` are likely ones in the region, `seen` is one outside. */
  | {
      readonly kind: "jump register";
      readonly step: Step;
      readonly targets: readonly number[];
      readonly seen: number | undefined;
    }
  | { readonly kind: "return"; readonly step: Step }
  | { readonly kind: "ecall"; readonly next: number }
  | { readonly kind: "breakpoint"; readonly pc: number }
  | { readonly kind: "illegal"; readonly pc: number }
  | { readonly kind: "fence.i"; readonly next: number }
  /** An instruction for the interpreter. */
  | { readonly kind: "interpret"; readonly pc: number };

export interface Block {
  readonly pc: number;
  /** Instructions whose effects are straight-line; the terminator's own is not among them. */
  readonly steps: readonly Step[];
  readonly end: Terminator;
  /** Addresses of the region's own blocks that may follow. */
  readonly next: readonly number[];
  /** Address behind the block, and number of instructions including the terminator's. */
  readonly limit: number;
  readonly count: number;
}

/** The blocks of a region by address. */
export interface Cfg {
  readonly start: number;
  readonly blocks: ReadonlyMap<number, Block>;
}

/** Blocks that a region may have: V8 needs time and memory more than in proportion. */
export const MAX_BLOCKS = 700;

/** Where the indirect jump or call at an address went the last time; undefined if that is not known. May be wrong. */
export type SeenTarget = (pc: number) => number | undefined;

/** Where a region ends besides its function's end. */
export interface Bounds {
  /** Addresses that have code elsewhere already. */
  readonly isTaken: (pc: number) => boolean;
  /** Addresses that were never reached so far: error paths, mostly, which are half of most functions. */
  readonly isCold: (pc: number) => boolean;
  readonly maxBlocks: number;
}

export const WHOLE_FUNCTION: Bounds = { isTaken: () => false, isCold: () => false, maxBlocks: MAX_BLOCKS };

/** Bytes behind the start within which a function of unknown size is looked for. */
const UNKNOWN_SIZE = 0x1_0000;

/**
 * Follows control flow from `start`.
 *
 * @param seen - where an indirect jump or call went the last time that it was looked at.
 * @returns undefined if not even the first instruction can be translated.
 */
export function discover(
  code: CodeView,
  functions: FunctionMap,
  start: number,
  seen: SeenTarget,
  { isTaken, isCold, maxBlocks }: Bounds,
  options: Pick<TranslateOptions, "fflags">,
): Cfg | undefined {
  const end = functions.endOf(start) ?? start + UNKNOWN_SIZE;
  const within = (pc: number) =>
    pc >= start && pc < end && (end - start < UNKNOWN_SIZE || pc === start || functions.endOf(pc) === undefined);
  const inside = (pc: number) => pc === start || (within(pc) && !isTaken(pc));
  const leaders = new Set([start]);
  const scanned = new Map<number, Block>();
  const decoded = new Steps(code);
  const queue = [start];
  const region: Scan = { code, decoded, start, guesses: new Map(), seen, inside, options };
  // A block is scanned up to its terminator; leaders found later split it in the end.
  for (let i = 0; i < queue.length && scanned.size < maxBlocks; i++) {
    const pc = queue[i]!;
    if (scanned.has(pc)) continue;
    const block = scan(region, pc);
    scanned.set(pc, block);
    for (const next of block.next) {
      if (leaders.has(next) || !inside(next) || isCold(next) || leaders.size >= maxBlocks) continue;
      leaders.add(next);
      queue.push(next);
    }
  }
  const first = scanned.get(start);
  if (first === undefined || (first.steps.length === 0 && first.end.kind === "interpret")) return undefined;
  return { start, blocks: split(scanned, leaders) };
}

function makeBlock(pc: number, steps: readonly Step[], end: Terminator, limit: number, count: number): Block {
  return { pc, steps, end, next: successors(end), limit, count };
}

function successors(end: Terminator): readonly number[] {
  switch (end.kind) {
    case "jump":
      return [end.to];
    case "branch":
      return [end.taken, end.next];
    case "call":
    case "call register":
      return [end.back];
    case "jump register":
      return end.targets;
    case "ecall":
      return [end.next];
    default:
      return [];
  }
}

/** What scanning a block needs to know of its region. */
interface Scan extends TableSearch {
  readonly seen: SeenTarget;
  readonly inside: (pc: number) => boolean;
  readonly options: Pick<TranslateOptions, "fflags">;
}

function scan(region: Scan, from: number): Block {
  const { decoded, inside } = region;
  const steps: Step[] = [];
  const constants = new Constants();
  for (let pc = from; ; ) {
    const step = decoded.at(pc);
    const limit = pc + (step?.length ?? 0);
    const finish = (end: Terminator): Block => makeBlock(from, steps, end, limit, steps.length + 1);
    if (step === undefined) {
      // Where code ends the interpreter answers with the fault, where it is illegal so do we.
      return finish({ kind: decoded.isWhole(pc) ? "illegal" : "interpret", pc });
    }
    if (pc !== from && !inside(pc)) return makeBlock(from, steps, { kind: "jump", to: pc }, pc, steps.length);
    const parts = splitTailJump(step);
    if (parts !== undefined) {
      steps.push(parts[0]);
      return { ...finish(terminator(region, parts[1], steps, constants)!), count: steps.length };
    }
    const end = terminator(region, step, steps, constants);
    if (end !== undefined) return finish(end);
    constants.follow(step);
    steps.push(step);
    pc = limit;
  }
}

/** What an instruction that ends a block does, or undefined for the others. */
function terminator(region: Scan, step: Step, before: readonly Step[], constants: Constants): Terminator | undefined {
  const { pc } = step;
  const next = pc + step.length;
  switch (step.op.kind) {
    case "jal":
      return step.rd === 0
        ? { kind: "jump", to: address(pc + step.imm) }
        : { kind: "call", step, target: address(pc + step.imm), back: next };
    case "branch": {
      const taken = address(pc + step.imm);
      return taken === next ? { kind: "jump", to: next } : { kind: "branch", step, taken, next };
    }
    case "jalr":
      return jumpRegister(region, step, before, constants);
    case "ecall":
      return { kind: "ecall", next };
    case "ebreak":
      return { kind: "breakpoint", pc };
    case "fence.i":
      return { kind: "fence.i", next };
    default:
      return isInterpreted(step, region.decoded, region.options) ? { kind: "interpret", pc } : undefined;
  }
}

function jumpRegister(region: Scan, step: Step, before: readonly Step[], constants: Constants): Terminator {
  const base = constants.get(step.rs1);
  const back = step.pc + step.length;
  if (base !== undefined && step.rs1 !== 0) {
    const target = base + step.imm - (step.imm & 1);
    if (target >= 0 && target < 2 ** 32 && target % 2 === 0) {
      return step.rd === 0 ? { kind: "jump", to: target } : { kind: "call", step, target, back };
    }
  }
  if (step.rd === 0 && isReturn(step)) return { kind: "return", step };
  const seen = region.seen(step.pc);
  if (step.rd !== 0) return { kind: "call register", step, back, seen };
  const targets = new Set(readJumpTable(region, step, before));
  const isWithin = seen !== undefined && seen !== region.start && region.inside(seen);
  if (isWithin) targets.add(seen);
  return { kind: "jump register", step, targets: [...targets], seen: isWithin ? undefined : seen };
}

/** Returns go through ra, or through t0 from the millicode that saves and restores registers (psABI). */
function isReturn({ rs1, imm }: Step): boolean {
  return (rs1 === 1 || rs1 === 5) && imm === 0;
}

function address(value: number): number {
  return value >>> 0;
}

/** Cuts scanned blocks where another one begins. */
function split(scanned: ReadonlyMap<number, Block>, leaders: ReadonlySet<number>): Map<number, Block> {
  const blocks = new Map<number, Block>();
  for (const [pc, block] of scanned) {
    const cut = block.steps.findIndex((step, i) => i > 0 && leaders.has(step.pc));
    const lastPc = terminatorPc(block);
    if (cut > 0) {
      const to = block.steps[cut]!.pc;
      blocks.set(pc, { ...cutAt(block, cut, to) });
    } else if (block.steps.length > 0 && lastPc !== undefined && leaders.has(lastPc) && scanned.has(lastPc)) {
      blocks.set(pc, cutAt(block, block.steps.length, lastPc));
    } else blocks.set(pc, block);
  }
  return blocks;
}

function cutAt(block: Block, count: number, to: number): Block {
  return makeBlock(block.pc, block.steps.slice(0, count), { kind: "jump", to }, to, count);
}

/** Address of the instruction that ends the block, if it is one. */
function terminatorPc(block: Block): number | undefined {
  const last = block.steps.at(-1);
  if (block.count === block.steps.length) return undefined;
  return last === undefined ? block.pc : last.pc + last.length;
}
