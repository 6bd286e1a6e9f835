import { EEXIST, type Result } from "../abi/errno.ts";

/** Linux's default pid_max, which no id reaches, and where counting goes on after it (RESERVED_PIDS). */
export const PID_MAX = 32_768;
const FIRST_REUSED_ID = 300;

/** Gives out the numbers that name processes and threads, which are one space: alloc_pid() in Linux. */
export class Ids {
  private readonly isInUse: (id: number) => boolean;
  private last = 0;
  /** Whether ids above the last one may be in use. */
  private wereUsed = false;

  constructor(isInUse: (id: number) => boolean) {
    this.isInUse = isInUse;
  }

  /** Takes the lowest id above the last one that is free. */
  next(): number {
    do {
      this.last++;
      if (this.last >= PID_MAX) {
        this.last = FIRST_REUSED_ID;
        this.wereUsed = true;
      }
    } while (this.wereUsed && this.isInUse(this.last));
    return this.last;
  }

  /** Takes a certain id: EEXIST if something has it. */
  take(id: number): Result<number> {
    if (this.isInUse(id)) return EEXIST;
    this.wereUsed = true;
    return id;
  }
}
