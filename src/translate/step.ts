/** One instruction of a region: decoded, at its address, with the registers that it reads and writes. */
import {
  CSR,
  type Decoded,
  decode,
  decodeInto,
  INSTRUCTIONS,
  instructionNamed,
  isCompressed,
  namesFlags,
  observesFlags,
} from "../isa/index.ts";
import { float, integer, NONE, type RegisterSet } from "./register-set.ts";
import type { CodeView, TranslateOptions } from "./target.ts";

export interface Step extends Decoded {
  readonly pc: number;
  readonly reads: RegisterSet;
  readonly writes: RegisterSet;
}

/** The instructions of a piece of code, each decoded once. */
export class Steps {
  private readonly code: CodeView;
  private readonly known = new Map<number, Step | undefined>();

  constructor(code: CodeView) {
    this.code = code;
  }

  /** The instruction at `pc`; undefined if there is none that is legal. */
  at(pc: number): Step | undefined {
    const known = this.known.get(pc);
    if (known !== undefined || this.known.has(pc)) return known;
    const step = stepAt(this.code, pc);
    this.known.set(pc, step);
    return step;
  }

  /** Whether all bytes of the instruction at `pc` may be executed, legal or not. */
  isWhole(pc: number): boolean {
    const low = this.code.half(pc);
    return low !== undefined && (isCompressed(low) || this.code.half(pc + 2) !== undefined);
  }

  /** The instructions behind one, as they lie in memory, up to where there is none. */
  *behind(step: Step): Generator<Step> {
    let next = this.at(step.pc + step.length);
    for (; next !== undefined; next = this.at(next.pc + next.length)) yield next;
  }

  /** Whether an instruction shows that the program looks at accrued exceptions. */
  observesFlags(step: Step): boolean {
    return namesFlags(step) && observesFlags(step, this.behind(step));
  }
}

/** Decodes the instruction at `pc`; undefined if there is none that is legal. */
export function stepAt(code: CodeView, pc: number): Step | undefined {
  const low = code.half(pc);
  if (low === undefined) return undefined;
  const high = isCompressed(low) ? 0 : code.half(pc + 2);
  if (high === undefined) return undefined;
  const step = emptyStep(pc);
  if (!decodeInto(low | (high << 16), step)) return undefined;
  canonicalise(step);
  step.reads = readsOf(step);
  step.writes = writesOf(step);
  return step;
}

const ADDI = instructionNamed("addi");

function emptyStep(pc: number): Decoded & { pc: number; reads: RegisterSet; writes: RegisterSet } {
  return {
    pc,
    op: ADDI,
    length: 4,
    rd: 0,
    rs1: 0,
    rs2: 0,
    rs3: 0,
    imm: 0,
    rm: 0,
    csr: 0,
    aqrl: 0,
    reads: NONE,
    writes: NONE,
  };
}

/** Makes c.mv, which stands for an addition to x0, the addition of 0 that the longer form of mv is. */
function canonicalise(d: Decoded): void {
  if (d.length !== 2 || d.op.name !== "add" || d.rs1 !== 0) return;
  d.op = ADDI;
  d.rs1 = d.rs2;
  d.rs2 = 0;
  d.imm = 0;
}

/** By an instruction's number, which of its operands are read: bits 0 to 2 for integer rs1 to rs3, bits 4 to 6 for float. */
const READS = Uint8Array.from(INSTRUCTIONS, ({ files: { rs1, rs2, rs3 } }) =>
  [rs1, rs2, rs3].reduce((bits, file, i) => bits | (file === undefined ? 0 : (file === "x" ? 1 : 0x10) << i), 0),
);

/** The same for the result: 0 if there is none, 1 if it is an integer, 2 if it is floating-point. */
const WRITES = Uint8Array.from(INSTRUCTIONS, ({ files: { rd } }) => (rd === undefined ? 0 : rd === "x" ? 1 : 2));

function readsOf({ op, rs1, rs2, rs3 }: Decoded): RegisterSet {
  const bits = READS[op.number]!;
  if (bits === 0) return NONE;
  if (bits === 1) return integer(rs1);
  let x = 0;
  let f = 0;
  if (bits & 1) x |= 1 << rs1;
  if (bits & 2) x |= 1 << rs2;
  if (bits & 0x10) f |= 1 << rs1;
  if (bits & 0x20) f |= 1 << rs2;
  if (bits & 0x40) f |= 1 << rs3;
  return { x: x & ~1, f };
}

function writesOf({ op, rd }: Decoded): RegisterSet {
  const file = WRITES[op.number];
  return file === 0 ? NONE : file === 1 ? integer(rd) : float(rd);
}

/**
 * Takes a jump that also leaves its own address in a register apart: first the register is set, as auipc would, then control
 * goes to the target for good. Only ra and t0 are links (psABI, "Integer Register Convention"): a stub of the procedure
 * linkage table writes t1, and nobody returns there.
 */
export function splitTailJump(step: Step): readonly [Step, Step] | undefined {
  const { op, rd, rs1, pc, length } = step;
  if (op.kind !== "jalr" || rd === 0 || rd === 1 || rd === 5 || rd === rs1) return undefined;
  const auipc = decode(0x17 | (rd << 7))!;
  const link = { ...auipc, pc, length, imm: length, reads: NONE, writes: step.writes };
  return [link, { ...step, rd: 0, writes: NONE }];
}

/**
 * Whether the instruction is left to the interpreter: translated code assumes that rounding is to nearest, and without
 * `fflags` that nobody looks at accrued exceptions.
 */
export function isInterpreted(step: Step, steps: Steps, { fflags }: Pick<TranslateOptions, "fflags">): boolean {
  const { op, csr } = step;
  if (op.kind !== "csr") return false;
  return csr === CSR.FRM || csr === CSR.FCSR || (!fflags && steps.observesFlags(step));
}

/** The left shift that remains of `slli rd, rs, 32; srli rd, rd, n`, if that is what the two instructions are. */
export function zeroExtension(first: Step, second: Step | undefined): number | undefined {
  if (first.op.name !== "slli" || first.imm !== 32 || first.rd === 0) return undefined;
  if (second?.op.name !== "srli" || second.rs1 !== first.rd || second.rd !== first.rd) return undefined;
  return second.imm <= 32 ? 32 - second.imm : undefined;
}

const MAKES_CONSTANTS = new Set(["lui", "auipc", "addi", "addiw", "slli"].map(instructionNamed));

/**
 * The constant that an instruction gives rd, if its operands are known; as a signed number, so only if that is exact.
 */
export function constantOf(step: Step, known: (register: number) => number | undefined): number | undefined {
  const { op, pc, rs1, imm } = step;
  if (!MAKES_CONSTANTS.has(op)) return undefined;
  if (op.name === "lui") return imm;
  if (op.name === "auipc") return pc + imm;
  const base = known(rs1);
  if (base === undefined) return undefined;
  if (op.name === "addiw") return (base + imm) | 0;
  const value = op.name === "addi" ? base + imm : base * 2 ** imm;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Constants in registers along a straight line of code. */
export class Constants {
  private readonly values: (number | undefined)[] = new Array(32).fill(undefined);
  private known = 1;

  constructor() {
    this.values[0] = 0;
  }

  readonly get = (register: number): number | undefined =>
    (this.known >>> register) & 1 ? this.values[register] : undefined;

  /** Accounts for one instruction, and answers the constant that it made. */
  follow(step: Step): number | undefined {
    if (step.writes.x === 0) return undefined;
    const value = constantOf(step, this.get);
    this.set(step.rd, value);
    return value;
  }

  set(register: number, value: number | undefined): void {
    if (register === 0) return;
    this.values[register] = value;
    if (value === undefined) this.known &= ~(1 << register);
    else this.known |= 1 << register;
  }

  clear(): void {
    this.known = 1;
  }
}
