/** One instruction of a region: decoded, at its address, with the registers that it reads and writes. */
import { CSR, type Decoded, decode, isCompressed } from "../isa/index.ts";
import { float, integer, NONE, type RegisterSet, union } from "./register-set.ts";
import type { CodeView } from "./target.ts";

export interface Step extends Decoded {
  readonly pc: number;
  readonly reads: RegisterSet;
  readonly writes: RegisterSet;
}

/** Decodes the instruction at `pc`; undefined if there is none that is legal. */
export function stepAt(code: CodeView, pc: number): Step | undefined {
  const low = code.half(pc);
  if (low === undefined) return undefined;
  const high = isCompressed(low) ? 0 : code.half(pc + 2);
  if (high === undefined) return undefined;
  const decoded = decode(low | (high << 16));
  if (decoded === undefined) return undefined;
  return { ...decoded, pc, reads: readsOf(decoded), writes: writesOf(decoded) };
}

function readsOf({ op, rs1, rs2, rs3 }: Decoded): RegisterSet {
  let reads = NONE;
  const { files } = op;
  if (files.rs1 !== undefined) reads = union(reads, files.rs1 === "x" ? integer(rs1) : float(rs1));
  if (files.rs2 !== undefined) reads = union(reads, files.rs2 === "x" ? integer(rs2) : float(rs2));
  if (files.rs3 !== undefined) reads = union(reads, files.rs3 === "x" ? integer(rs3) : float(rs3));
  return reads;
}

function writesOf({ op, rd }: Decoded): RegisterSet {
  if (op.files.rd === undefined) return NONE;
  return op.files.rd === "x" ? integer(rd) : float(rd);
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
