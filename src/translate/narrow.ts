/**
 * Which integer registers are narrow: hold the sign extension of their low word.
 *
 * A narrow register has a second local, of 32 bits, beside the one of 64. wasm engines drop whichever is not used; so a loop
 * that counts in `int` never extends its counter, and what C computes in 32 bits is computed in 32 bits, where engines
 * recognise rotations and fold comparisons.
 */
import type { OpName } from "../base/wasm/opcodes.ts";
import { INSTRUCTIONS } from "../isa/index.ts";
import type { Flow, FlowNode } from "./flow.ts";
import type { Residency } from "./residency.ts";
import type { Step } from "./step.ts";

/** A set of narrow registers, one bit each. x0 is always in it. */
export type NarrowSet = number;

const ONLY_ZERO: NarrowSet = 1;
const ALL: NarrowSet = -1;
const A0 = 1 << 10;

/** Instructions that compute the same on narrow operands in 32 bits: the result is narrow too. */
const BITWISE: ReadonlyMap<string, OpName> = new Map([
  ["and", "i32_and"],
  ["andi", "i32_and"],
  ["or", "i32_or"],
  ["ori", "i32_or"],
  ["xor", "i32_xor"],
  ["xori", "i32_xor"],
]);

/** Comparisons, which sign extension does not change. */
const COMPARISONS: ReadonlyMap<string, OpName> = new Map([
  ["beq", "i32_eq"],
  ["bne", "i32_ne"],
  ["blt", "i32_lt_s"],
  ["bge", "i32_ge_s"],
  ["bltu", "i32_lt_u"],
  ["bgeu", "i32_ge_u"],
  ["slt", "i32_lt_s"],
  ["sltu", "i32_lt_u"],
  ["slti", "i32_lt_s"],
  ["sltiu", "i32_lt_u"],
]);

const ALWAYS = /^(?:l[bhw]u?|slti?u?|lui|f(?:eq|lt|le)\..|fcvt\.wu?\..|sext\.[bh]|zext\.h|[a-z0-9]+w)$/;
const NEVER = new Set(["lwu", "flw", "fsw", "sw"]);

const RULE = { NEVER: 0, ALWAYS: 1, DEPENDS: 2 } as const;

const SOMETIMES = new Set(["addi", "andi", "srli", "srai", ...BITWISE.keys()]);

/** By an instruction's number, whether its result is narrow. */
const RULES = Uint8Array.from(INSTRUCTIONS, ({ name }) => {
  if (ALWAYS.test(name)) return NEVER.has(name) ? RULE.NEVER : RULE.ALWAYS;
  return SOMETIMES.has(name) ? RULE.DEPENDS : RULE.NEVER;
});

/** By an instruction's number, the 32-bit operation that can replace it where its operands are narrow. */
const WORD_FORMS: readonly (OpName | undefined)[] = INSTRUCTIONS.map(
  ({ name }) => BITWISE.get(name) ?? COMPARISONS.get(name),
);

/** Whether an instruction leaves a narrow value in rd. */
export function isResultNarrow(step: Step, narrow: NarrowSet): boolean {
  const { op, rs1, imm } = step;
  if (step.writes.x === 0) return false;
  const rule = RULES[op.number]!;
  if (rule !== RULE.DEPENDS) return rule === RULE.ALWAYS;
  switch (op.name) {
    case "addi":
      return rs1 === 0 || (imm === 0 && has(narrow, rs1));
    case "andi":
      return imm >= 0 || has(narrow, rs1);
    case "srli":
      return imm > 32;
    case "srai":
      return imm >= 32;
    default:
      return BITWISE.has(op.name) && areOperandsNarrow(step, narrow);
  }
}

/** What an instruction leaves narrow. */
export function narrowAfter(step: Step, narrow: NarrowSet): NarrowSet {
  if (step.writes.x === 0) return narrow;
  return isResultNarrow(step, narrow) ? narrow | step.writes.x : narrow & ~step.writes.x;
}

/** The 32-bit operation that can replace a bitwise instruction or a comparison here. */
export function wordForm(step: Step, narrow: NarrowSet): OpName | undefined {
  const { op } = step;
  const form = WORD_FORMS[op.number];
  if (form === undefined) return undefined;
  if (op.name === "andi" && step.imm >= 0) return "i32_and";
  return areOperandsNarrow(step, narrow) ? form : undefined;
}

function areOperandsNarrow(step: Step, narrow: NarrowSet): boolean {
  const { files } = step.op;
  return (files.rs1 === undefined || has(narrow, step.rs1)) && (files.rs2 === undefined || has(narrow, step.rs2));
}

function has(narrow: NarrowSet, register: number): boolean {
  return ((narrow >>> register) & 1) === 1;
}

/** The registers that are in locals and narrow at the beginning of each node, whatever way led there. */
export function analyseNarrow({ nodes, successors }: Flow, { held, behind }: Residency): Int32Array {
  const before = new Int32Array(nodes.length).fill(ALL);
  for (let again = true; again; ) {
    again = false;
    for (let n = 0; n < nodes.length; n++) {
      const after = narrowBehind(nodes[n]!, before[n]!) & behind.x[n]!;
      const targets = successors[n]!;
      for (let i = 0; i < targets.length; i++) {
        const to = targets[i]!;
        const met = before[to]! & after & held.x[to]!;
        if (met === before[to]) continue;
        before[to] = met;
        if (to <= n) again = true;
      }
    }
  }
  for (let n = 0; n < nodes.length; n++) before[n]! |= ONLY_ZERO;
  return before;
}

function narrowBehind({ kind, block }: FlowNode, before: NarrowSet): NarrowSet {
  if (block === undefined) return kind === "entry" || kind === "resume" ? ONLY_ZERO : before;
  const { steps, end } = block;
  let narrow = before;
  for (let i = 0; i < steps.length; i++) narrow = narrowAfter(steps[i]!, narrow);
  return end.kind === "ecall" ? narrow & ~A0 : narrow;
}
