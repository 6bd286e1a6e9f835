/** Address checks that a loop of one block can leave to whoever enters it. */
import { type Block, successors } from "./cfg.ts";

/**
 * The registers whose check can be done once: by register, how far from its value at the block's beginning the first
 * access is.
 *
 * Such a register is the base of an access in every round, and only ever moves up, by constants. So if the first access is
 * behind the kernel's pages, all are; and each proves that the next cannot have passed the end of memory.
 */
export function hoistedChecks(block: Block): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  if (!successors(block.end).includes(block.pc)) return found;
  const moved = new Map<number, number>();
  for (const { op, rs1, rd, imm, writes } of block.steps) {
    if ((op.kind === "load" || op.kind === "store") && rs1 !== 0 && !found.has(rs1)) {
      found.set(rs1, (moved.get(rs1) ?? 0) + imm);
    }
    if (writes.x === 0) continue;
    const movesUp = op.name === "addi" && rs1 === rd && imm >= 0;
    moved.set(rd, movesUp ? (moved.get(rd) ?? 0) + imm : Number.NaN);
  }
  for (const register of found.keys()) if (Number.isNaN(moved.get(register))) found.delete(register);
  return found;
}
