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

/** Whether straight-line code writes a register to the flags before it uses or changes it. */
function isPutBack(register: number, following: Iterable<Decoded>): boolean {
  let left = REACH;
  for (const step of following) {
    const { op, rd, rs1, rs2 } = step;
    const { files } = op;
    if (namesFlags(step) && op.name === "csrrw" && rd === 0 && rs1 === register) return true;
    if (op.kind !== "op" && op.kind !== "load" && op.kind !== "store" && op.kind !== "csr") return false;
    const reads = (files.rs1 === "x" && rs1 === register) || (files.rs2 === "x" && rs2 === register);
    if (reads || (files.rd === "x" && rd === register) || --left === 0) return false;
  }
  return false;
}
