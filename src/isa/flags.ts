import { CSR } from "./csr.ts";
import type { Decoded } from "./decode.ts";

/** Instructions behind a read of the flags among which the write that puts them back is looked for. */
const REACH = 24;

/** Whether an instruction names accrued floating-point exceptions: in fflags, or as a part of fcsr. */
export function namesFlags({ op, csr }: Decoded): boolean {
  return op.kind === "csr" && (csr === CSR.FFLAGS || csr === CSR.FCSR);
}

/**
 * Whether an instruction that {@link namesFlags} shows that the program looks at accrued exceptions, now or later: it
 * clears them, or reads them for more than to put them back. Setting some, or all from a register, shows nothing, and
 * neither does the other half of a save and restore, as the C library's roundings have it.
 *
 * @param following - the instructions behind it in memory.
 */
export function observesFlags(step: Decoded, following: Iterable<Decoded>): boolean {
  const { op, rd, rs1, imm } = step;
  switch (op.name) {
    case "csrrw":
      return rd !== 0 || rs1 === 0;
    case "csrrs":
      return rd !== 0 && (rs1 !== 0 || !isPutBack(rd, following));
    case "csrrsi":
      return rd !== 0 && (imm !== 0 || !isPutBack(rd, following));
    default:
      return true;
  }
}

/**
 * Whether code writes a register to the flags before it uses or changes it, on some way at least, and on no way does anything
 * else with it. Ways lead forward; where one returns, a register that holds no result is gone (psABI, "Integer Register
 * Convention"). glibc's floor() leaves in this manner for numbers that are whole already.
 */
function isPutBack(register: number, following: Iterable<Decoded>): boolean {
  /** Offsets that ways lead to, behind the read. */
  const reached = new Set([0]);
  let isWritten = false;
  let left = REACH;
  let at = 0;
  for (const step of following) {
    const { op, rd, rs1, imm, length } = step;
    if (reached.delete(at)) {
      if (namesFlags(step) && op.name === "csrrw" && rd === 0 && rs1 === register) isWritten = true;
      else if (--left === 0 || uses(step, register)) return false;
      else if (op.kind === "branch" && imm > 0) reached.add(at + length).add(at + imm);
      else if (STRAIGHT.has(op.kind)) reached.add(at + length);
      else if (!isReturn(step) || RESULTS.has(register)) return false;
    }
    if (reached.size === 0) return isWritten;
    at += length;
  }
  return false;
}

const STRAIGHT: ReadonlySet<string> = new Set(["op", "load", "store", "csr"]);
const RA = 1;
/** a0 and a1. */
const RESULTS: ReadonlySet<number> = new Set([10, 11]);

function uses({ op: { files }, rd, rs1, rs2 }: Decoded, register: number): boolean {
  const reads = (files.rs1 === "x" && rs1 === register) || (files.rs2 === "x" && rs2 === register);
  return reads || (files.rd === "x" && rd === register);
}

function isReturn({ op, rd, rs1, imm }: Decoded): boolean {
  return op.kind === "jalr" && rd === 0 && rs1 === RA && imm === 0;
}
