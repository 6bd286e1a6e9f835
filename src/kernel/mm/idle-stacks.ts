import { PROT } from "../../abi/mman.ts";
import { type Interval, IntervalMap } from "../../base/interval-map.ts";
import type { Space } from "../../machine/engine.ts";
import { ACCESS, PAGE_SIZE } from "../../machine/memory.ts";
import { type Mapping, pageDown } from "./mapping.ts";

/**
 * A stack that is reached becomes accessible by so much more, and what is idle is longer: so the range of sp that the engine lets
 * pass unseen cannot span it.
 */
const STEP = 0x1_0000;

/** So much below what was used is searched at a time. */
const MARGIN = 0x8000;

/** What is used of a memory, and how it is cleared. */
export type StackSpace = Pick<Space, "memory" | "fill" | "usedRuns">;

/**
 * Stacks that their threads have discarded: pages that read zero, and are not accessible before they are used again.
 *
 * The C library keeps the stacks of threads that have ended, 8 MB each, and has each thread discard its own at its end
 * (MADV_DONTNEED), whose pages must then read zero. To find the few that do not takes 70 µs, unless it is known which ones were
 * used since the last time: kernel, interpreter and checked code ask the page table; other code leaves for the engine where a
 * function begins with sp in a page that cannot be written. So what is missed are bytes stored below every sp with which a
 * function began, by code that does not check its accesses: nobody's, by the psABI.
 */
export class IdleStacks {
  private readonly ranges = new IntervalMap<true>();
  private readonly space: StackSpace;

  constructor(space: StackSpace) {
    this.space = space;
  }

  /**
   * Makes a stack read zero that its thread discards, and idle. Answers false, with nothing done, if it is none: it must be all
   * of a mapping from its beginning to little below sp, which lies in the same mapping.
   *
   * @param part - what is discarded.
   * @param whole - the mapping.
   */
  retire({ start, end, value }: Interval<Mapping>, whole: Interval<Mapping>, sp: number): boolean {
    const { prot, file, shared, growsDown } = value;
    const plain = file === undefined && !shared && !growsDown && prot === (PROT.READ | PROT.WRITE);
    if (!plain || whole.start !== start || sp > whole.end || end > sp || end < sp - STEP || end - start < 2 * STEP)
      return false;
    const { memory } = this.space;
    const used = Math.min(this.ranges.at(start)?.end ?? start, end);
    this.clear(start, used, end);
    memory.setAccess(used, end, 0);
    this.ranges.set(start, end, true);
    // The range of sp that was allowed to the running thread may reach into it.
    memory.pollWords.words[memory.pollWords.stack] = 0;
    return true;
  }

  /** Makes an idle page accessible, with all that lies above it, and a little below. Answers false if it is not idle. */
  use(address: number): boolean {
    const idle = this.ranges.at(address);
    if (idle === undefined) return false;
    const from = pageDown(address) - STEP + PAGE_SIZE;
    this.open(from - idle.start < STEP ? idle.start : from, idle.end);
    return true;
  }

  /** Makes whole stacks accessible that a range is part of: something else than their use is to change there. */
  wake(start: number, end: number): void {
    for (let idle = this.ranges.after(start); idle !== undefined && idle.start < end; idle = this.ranges.after(start))
      this.open(idle.start, idle.end);
  }

  private open(start: number, end: number): void {
    this.ranges.delete(start, end);
    this.space.memory.setAccess(start, end, ACCESS.READ | ACCESS.WRITE);
  }

  /**
   * Clears what was used of a discarded range, which is known only to be no less than what lies from `used` on: functions that
   * call none may have used more. So it goes on below until there is nothing for a while.
   */
  private clear(start: number, used: number, end: number): void {
    this.zero(used, end);
    for (let from = used; from > start && this.zero(Math.max(start, from - MARGIN), from); ) from -= MARGIN;
  }

  /** Answers whether there was anything but zeros. Pages are not written to without need: that would use them. */
  private zero(start: number, end: number): boolean {
    let found = false;
    for (const run of this.space.usedRuns?.(start, end) ?? [{ start, end }]) {
      this.space.fill(run.start, run.end);
      found = true;
    }
    return found;
  }
}
