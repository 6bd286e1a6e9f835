/** Where the results of a block's instructions are kept. */
import type { Block } from "./cfg.ts";
import { NONE, type RegisterSet } from "./register-set.ts";

/** What is to be done by the end of a block. */
export interface BlockEnd {
  /** Registers to store. */
  readonly stored: RegisterSet;
  /** Registers whose locals are not read behind the block. */
  readonly lost: RegisterSet;
}

/** Places of a result, as bits. A constant is in a local only where that is read behind the block. */
export const KEPT = { IN_FILE: 1, IN_LOCAL: 2, IF_CONSTANT: 4 } as const;

export class ResultPlan {
  private readonly plan: number[] = [];

  /**
   * Looks ahead at a block. The last result of a register that is to be stored by its end goes to the register file as soon
   * as it is there, and to a local only if it is read again; so does no constant that is overwritten.
   */
  make({ steps, end }: Block, { stored, lost }: BlockEnd): void {
    const last = "step" in end ? end.step.reads : NONE;
    let readX = ~lost.x | last.x;
    let readF = ~lost.f | last.f;
    let writtenX = 0;
    let writtenF = 0;
    for (let i = steps.length; i-- > 0; ) {
      const { reads, writes } = steps[i]!;
      const overwritten = ((writes.x & writtenX) | (writes.f & writtenF)) !== 0;
      const read = ((writes.x & readX) | (writes.f & readF)) !== 0;
      const stores = ((writes.x & stored.x) | (writes.f & stored.f)) !== 0;
      let kept = stores && !overwritten ? KEPT.IN_FILE : 0;
      if (read || overwritten) kept |= KEPT.IN_LOCAL;
      if (!overwritten && (writes.x & ~lost.x) !== 0) kept |= KEPT.IF_CONSTANT;
      this.plan[i] = kept;
      writtenX |= writes.x;
      writtenF |= writes.f;
      readX |= reads.x;
      readF |= reads.f;
    }
  }

  /** Where the result of a step is kept, by its index: bits of {@link KEPT}. */
  of(index: number): number {
    return this.plan[index]!;
  }
}
