/** One instruction of a region: decoded, at its address, with the registers that it reads and writes. */
import { CSR, type Decoded, decode, instructionNamed, isCompressed } from "../isa/index.ts";
import { float, integer, NONE, type RegisterSet } from "./register-set.ts";
import type { CodeView } from "./target.ts";

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
    const step = this.decode(pc);
    this.known.set(pc, step);
    return step;
  }

  private decode(pc: number): Step | undefined {
    const low = this.code.half(pc);
    if (low === undefined) return undefined;
    const high = isCompressed(low) ? 0 : this.code.half(pc + 2);
    if (high === undefined) return undefined;
    const d = decode(low | (high << 16));
    if (d === undefined) return undefined;
    canonicalise(d);
    const { op, length, rd, rs1, rs2, rs3, imm, rm, csr, aqrl } = d;
    return { pc, op, length, rd, rs1, rs2, rs3, imm, rm, csr, aqrl, reads: readsOf(d), writes: writesOf(d) };
  }
}

const ADDI = instructionNamed("addi");

/** Makes c.mv, which stands for an addition to x0, the addition of 0 that the longer form of mv is. */
function canonicalise(d: Decoded): void {
  if (d.op.name !== "add" || d.rs1 !== 0) return;
  d.op = ADDI;
  d.rs1 = d.rs2;
  d.rs2 = 0;
  d.imm = 0;
}

function readsOf({ op: { files }, rs1, rs2, rs3 }: Decoded): RegisterSet {
  let x = 0;
  let f = 0;
  if (files.rs1 === "x") x |= 1 << rs1;
  else if (files.rs1 === "f") f |= 1 << rs1;
  if (files.rs2 === "x") x |= 1 << rs2;
  else if (files.rs2 === "f") f |= 1 << rs2;
  if (files.rs3 === "f") f |= 1 << rs3;
  return { x: x & ~1, f };
}

function writesOf({ op, rd }: Decoded): RegisterSet {
  if (op.files.rd === undefined) return NONE;
  return op.files.rd === "x" ? integer(rd) : float(rd);
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

/** Whether the instruction is left to the interpreter: translated code assumes that rounding is to nearest. */
export function isInterpreted({ op, csr }: Decoded): boolean {
  return op.kind === "csr" && (csr === CSR.FRM || csr === CSR.FCSR);
}

/** The constant that an instruction gives rd, if its operands are known. */
export function constantOf(step: Step, known: (register: number) => bigint | undefined): bigint | undefined {
  switch (step.op.name) {
    case "lui":
      return BigInt(step.imm);
    case "auipc":
      return BigInt.asIntN(64, BigInt(step.pc) + BigInt(step.imm));
    case "addi": {
      const base = known(step.rs1);
      return base === undefined ? undefined : BigInt.asIntN(64, base + BigInt(step.imm));
    }
    case "addiw": {
      const base = known(step.rs1);
      return base === undefined ? undefined : BigInt.asIntN(32, base + BigInt(step.imm));
    }
    case "slli": {
      const base = known(step.rs1);
      return base === undefined ? undefined : BigInt.asIntN(64, base << BigInt(step.imm));
    }
    default:
      return undefined;
  }
}

/** Constants in registers along a straight line of code. */
export class Constants {
  private readonly values = new Map<number, bigint>([[0, 0n]]);

  readonly get = (register: number): bigint | undefined => this.values.get(register);

  /** Accounts for one instruction, and answers the constant that it made. */
  follow(step: Step): bigint | undefined {
    if (step.writes.x === 0) return undefined;
    const value = constantOf(step, this.get);
    this.set(step.rd, value);
    return value;
  }

  set(register: number, value: bigint | undefined): void {
    if (register === 0) return;
    if (value === undefined) this.values.delete(register);
    else this.values.set(register, value);
  }

  clear(): void {
    this.values.clear();
    this.values.set(0, 0n);
  }
}
