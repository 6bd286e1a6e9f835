/** Address checks that a loop of one block can leave to whoever enters it. */
import type { Block } from "./cfg.ts";
import type { TrustSet } from "./trust.ts";

/** What a null check allows for; see {@link LOWEST_BASE}. */
const MAX_OFFSET = 0x7ff;

/**
 * The registers whose check can be done once.
 *
 * Such a register is the base of an access in every round, and only ever moves up, by constants. So if it is no null pointer
 * at first, it never is; and each access proves that the next cannot have passed the end of memory.
 */
export function hoistedChecks(block: Block): TrustSet {
  if (!block.next.includes(block.pc)) return 0;
  let accessed = 0;
  let lost = 0;
  const moved: number[] = [];
  for (const { op, rs1, rd, imm, writes } of block.steps) {
    if ((op.kind === "load" || op.kind === "store") && !((accessed >>> rs1) & 1)) {
      // One that moves before its first access may point just below memory at first.
      if ((moved[rs1] ?? 0) + imm <= MAX_OFFSET) accessed |= 1 << rs1;
      else lost |= 1 << rs1;
    }
    if (writes.x === 0) continue;
    if (op.name === "addi" && rs1 === rd && imm >= 0) moved[rd] = (moved[rd] ?? 0) + imm;
    else lost |= writes.x;
  }
  return accessed & ~lost & ~1;
}
