/** What can be read off one function's code without running it. */
import { Constants, constantOf, type Step, stepAt } from "../../translate/step.ts";
import type { CodeView } from "../../translate/target.ts";

/** Values that a register may hold somewhere. */
export interface Values {
  readonly known: ReadonlySet<number>;
  /** Arguments of the function that it may hold as they came. */
  readonly parameters: ReadonlySet<number>;
  /** Whether it may also hold something that nobody can tell. */
  readonly unknown: boolean;
}

/** How far back a register is followed. */
const MAX_STEPS = 4000;

const A7 = 17;
/** Registers that a callee keeps (psABI, "Integer Register Convention"): sp, gp, tp, s0 to s11. */
const SAVED = new Set([2, 3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27]);

/** A function's instructions in order, from one start to the next. */
export class FunctionCode {
  readonly start: number;
  readonly steps: readonly Step[];
  private readonly index = new Map<number, number>();
  /** By the index of an instruction: those of the function from which control comes to it, but for the one before. */
  private readonly jumpsTo = new Map<number, number[]>();

  constructor(code: CodeView, start: number, end: number) {
    this.start = start;
    const steps: Step[] = [];
    for (let pc = start; pc < end; ) {
      const step = stepAt(code, pc);
      if (step !== undefined) {
        this.index.set(pc, steps.length);
        steps.push(step);
      }
      pc += step?.length ?? 2;
    }
    this.steps = steps;
    for (const [i, step] of steps.entries()) {
      const target = jumpTarget(step);
      const to = target === undefined ? undefined : this.index.get(target);
      if (to === undefined) continue;
      const known = this.jumpsTo.get(to);
      if (known === undefined) this.jumpsTo.set(to, [i]);
      else known.push(i);
    }
  }

  /** What a register may hold before an instruction, by following it backwards along every way that leads there. */
  valuesBefore(at: number, register: number): Values {
    const known = new Set<number>();
    const parameters = new Set<number>();
    let unknown = false;
    let left = MAX_STEPS;
    const seen = new Set<string>();
    /** Follows `register` from before instruction `i`; `rest` is applied to what is found. */
    const follow = (i: number, wanted: number, rest: readonly Step[]): void => {
      const key = `${i} ${wanted} ${rest.map(({ pc }) => pc).join()}`;
      if (seen.has(key) || unknown) return;
      seen.add(key);
      if (left-- <= 0) {
        unknown = true;
        return;
      }
      if (wanted === 0) {
        finish(0, rest);
        return;
      }
      if (i === 0 && rest.length === 0) parameters.add(wanted);
      else if (i === 0) unknown = true;
      for (const from of this.before(i)) {
        const step = this.steps[from]!;
        if (isCall(step) && !SAVED.has(wanted)) unknown = true;
        else if (step.rd !== wanted || step.writes.x === 0) follow(from, wanted, rest);
        else through(from, step, rest);
      }
    };
    const through = (i: number, step: Step, rest: readonly Step[]): void => {
      const constant = constantOf(step, () => undefined);
      if (constant !== undefined) finish(constant, rest);
      else if (constantOf(step, () => 0) === undefined) unknown = true;
      else follow(i, step.rs1, isMove(step) ? rest : [step, ...rest]);
    };
    const finish = (value: number, rest: readonly Step[]): void => {
      let result: number | undefined = value;
      for (const step of rest) {
        const base: number | undefined = result;
        result = constantOf(step, () => base);
      }
      if (result === undefined) unknown = true;
      else known.add(result);
    };
    follow(at, register, []);
    return { known, parameters, unknown };
  }

  /** Every ecall with what a7 may be there. */
  *ecalls(): Generator<{ readonly pc: number; readonly at: number; readonly number: Values }> {
    for (const [at, { op, pc }] of this.steps.entries()) {
      if (op.kind === "ecall") yield { pc, at, number: this.valuesBefore(at, A7) };
    }
  }

  /** Addresses that the code calls, jumps to, loads from or computes, with what is known of gp. */
  *references(
    gp: number | undefined,
  ): Generator<{ readonly kind: "code" | "load" | "address"; readonly to: number; readonly at: number }> {
    const constants = new Constants();
    constants.set(3, gp);
    for (const [at, step] of this.steps.entries()) {
      const { op, rs1, imm } = step;
      const base = constants.get(rs1);
      const target = jumpTarget(step);
      if (target !== undefined && !this.index.has(target)) yield { kind: "code", to: target, at };
      else if (op.kind === "jal" && target === this.start) yield { kind: "code", to: target, at };
      if (op.kind === "jalr" && base !== undefined && rs1 !== 0) yield { kind: "code", to: base + imm, at };
      if ((op.kind === "load" || op.kind === "store" || op.kind === "amo") && base !== undefined && rs1 !== 0)
        yield { kind: "load", to: base + imm, at };
      const value = constants.follow(step);
      if (value !== undefined && op.name === "addi" && base !== undefined && rs1 !== 0)
        yield { kind: "address", to: value, at };
      if (isCall(step)) for (let r = 1; r < 32; r++) if (!SAVED.has(r)) constants.set(r, undefined);
    }
    // Behind a function lies padding, and a call at its end is one that does not come back.
    const at = this.steps.findLastIndex(({ op, rd }) => op.kind !== "op" || rd !== 0);
    const last = this.steps[at];
    const end = this.steps.at(-1);
    if (last !== undefined && end !== undefined && fallsThrough(last) && !isCall(last))
      yield { kind: "code", to: end.pc + end.length, at };
  }

  private before(i: number): readonly number[] {
    const jumps = this.jumpsTo.get(i) ?? [];
    const previous = this.steps[i - 1];
    return previous !== undefined && fallsThrough(previous) ? [i - 1, ...jumps] : jumps;
  }
}

/** Where a direct jump or branch goes. */
function jumpTarget({ op, pc, imm }: Step): number | undefined {
  return op.kind === "jal" || op.kind === "branch" ? pc + imm : undefined;
}

function isCall({ op, rd }: Step): boolean {
  return (op.kind === "jal" || op.kind === "jalr") && rd !== 0;
}

function isMove({ op, imm }: Step): boolean {
  return op.name === "addi" && imm === 0;
}

function fallsThrough(step: Step): boolean {
  const { kind } = step.op;
  return !((kind === "jal" || kind === "jalr") && step.rd === 0) && kind !== "ebreak";
}
