import { type GuestMemory, HART } from "../machine/index.ts";

const NS_PER_MS = 1e6;

/**
 * Refreshes what the guest reads from the `cycle`, `time` and `instret` counters: nanoseconds, or instructions where a run
 * must not depend on the clock.
 *
 * @param now - milliseconds.
 */
export function writeCounters(memory: GuestMemory, exact: boolean, retired: number, now: () => number): void {
  const value = exact ? retired : Math.floor(now() * NS_PER_MS);
  writeLong(memory, HART.cycle, value);
  writeLong(memory, HART.time, value);
}

/** Writes a non-negative integer below 2^53 as 64 bits. */
export function writeLong(memory: GuestMemory, address: number, value: number): void {
  memory.u32[address >>> 2] = value;
  memory.u32[(address >>> 2) + 1] = value / 2 ** 32;
}
