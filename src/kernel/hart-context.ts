import { HART } from "../machine/hart.ts";
import type { GuestMemory } from "../machine/memory.ts";

/** What is a thread's own of the hart: x and f registers, pc, floating-point state and its reservation. */
const SAVED_BYTES = HART.stackLow - HART.x;

/** A thread's registers while another one's are in page 0. */
export type HartContext = Uint8Array<ArrayBuffer>;

/** Registers that are all zero. */
export function emptyContext(): HartContext {
  return new Uint8Array(SAVED_BYTES);
}

export function saveContext(memory: GuestMemory, into: HartContext): void {
  into.set(memory.u8.subarray(HART.x, HART.x + SAVED_BYTES));
}

/** Puts registers in place; no reservation outlives a switch, as on hardware (an SC may always fail). */
export function loadContext(memory: GuestMemory, from: HartContext): void {
  memory.u8.set(from, HART.x);
  memory.i32.fill(-1, HART.reserved / 4, HART.reserved / 4 + 2);
}

/** Sets an integer register of a thread that does not run. */
export function setContextRegister(context: HartContext, index: number, value: number): void {
  new DataView(context.buffer).setBigUint64(8 * index, BigInt(value), true);
}
