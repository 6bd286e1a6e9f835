/**
 * Which registers are trusted not to be null pointers: what the checks of the `null` policy have shown.
 *
 * A check asks that the low word of a base register is at least {@link LOWEST_BASE}. No offset takes such a base to the hart
 * or the engines' tables, so it holds for every access until the register is written. The access itself shows that the base
 * is below the end of memory, 64 KB before 2^32; so a step upward cannot carry it round to the low pages either, and a
 * register that only such a step was made to stays trusted.
 */
import { instructionNamed } from "../isa/index.ts";
import type { Block } from "./cfg.ts";
import type { Flow } from "./flow.ts";
import type { Step } from "./step.ts";

const ADDI = instructionNamed("addi");

/** A bit for each integer register. */
export type TrustSet = number;

/** Offsets reach from -0x800 to 0x7ff: what is at or above here never leads below 0xf000, which nobody uses. */
export const LOWEST_BASE = 0xf800;

/** sp, gp and tp are not checked: a program that loses one of these hurts nothing but itself. */
const ALWAYS: TrustSet = (1 << 2) | (1 << 3) | (1 << 4);

/** s0 to s11, which a callee gives back (psABI), and those above. One that does not has only spoilt a check. */
const KEPT_BY_CALLS: TrustSet = ALWAYS | (3 << 8) | (0x3ff << 18);

const A0 = 10;

const EVERYTHING: TrustSet = -1;

/** Trust along a line of code. */
export class Trust {
  private trusted: TrustSet = ALWAYS;
  /** Registers that were accessed through since they last moved. */
  private accessed: TrustSet = ALWAYS;

  begin(trusted: TrustSet): void {
    this.trusted = trusted | ALWAYS;
    this.accessed = this.trusted;
  }

  /** What a block makes trusted, whatever was so before. */
  along({ steps, end }: Block): TrustSet {
    this.begin(0);
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i]!;
      const { kind } = step.op;
      if (kind === "load" || kind === "store" || kind === "amo") this.access(step.rs1);
      this.follow(step);
    }
    if (end.kind === "ecall") this.forget(A0);
    return this.trusted;
  }

  has(register: number): boolean {
    return ((this.trusted >>> register) & 1) === 1;
  }

  get set(): TrustSet {
    return this.trusted;
  }

  /** Accounts for an access through a register that was trusted, or checked for it. */
  access(register: number): void {
    this.trusted |= 1 << register;
    this.accessed |= 1 << register;
  }

  /** Accounts for what an instruction writes. */
  follow({ op, rs1, rd, imm, writes }: Step): void {
    if (writes.x === 0) return;
    const moves = op === ADDI && imm >= 0 && ((this.accessed >>> rs1) & 1) === 1;
    this.forget(rd);
    if (!moves) return;
    this.trusted |= 1 << rd;
    if (imm === 0) this.accessed |= 1 << rd;
  }

  forget(register: number): void {
    this.trusted = (this.trusted & ~(1 << register)) | ALWAYS;
    this.accessed = (this.accessed & ~(1 << register)) | ALWAYS;
  }
}

/**
 * The registers that are trusted at the beginning of each node, whatever way of the region led there. Entering a node from
 * outside is no way of its own: the registers are what they were when it was left.
 *
 * @param writes - integer registers that each node writes.
 * @param checked - registers that are checked on the way into each node.
 */
export function analyseTrust(flow: Flow, writes: Int32Array, checked: Int32Array): Int32Array {
  const { nodes, successors } = flow;
  const before = new Int32Array(nodes.length).fill(EVERYTHING);
  const made = new Int32Array(nodes.length);
  const kept = new Int32Array(nodes.length).fill(EVERYTHING);
  const trust = new Trust();
  for (let n = 0; n < nodes.length; n++) {
    const { role, block } = nodes[n]!;
    if (role === "start") kept[n] = 0;
    else if (role === "return") kept[n] = KEPT_BY_CALLS;
    if (block !== undefined) {
      made[n] = trust.along(block);
      kept[n] = ~(writes[n]! | (block.end.kind === "ecall" ? 1 << A0 : 0));
    }
  }
  for (let again = true; again; ) {
    again = false;
    // The root has no say.
    for (let n = 1; n < nodes.length; n++) {
      const after = (before[n]! & kept[n]!) | made[n]!;
      const targets = successors[n]!;
      for (let i = 0; i < targets.length; i++) {
        const to = targets[i]!;
        const met = (before[to]! & after) | checked[to]!;
        if (met === before[to]) continue;
        before[to] = met;
        if (to <= n) again = true;
      }
    }
  }
  return before;
}
