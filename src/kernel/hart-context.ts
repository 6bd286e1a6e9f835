import { HART, HART_THREAD_BYTES } from "../machine/hart.ts";
import type { GuestMemory } from "../machine/memory.ts";

const RESERVED = HART.reserved / 4;

/** A thread's registers while another one's are in page 0. */
export type HartContext = Uint8Array<ArrayBuffer>;

/** Registers that are all zero. */
export function emptyContext(): HartContext {
  return new Uint8Array(HART_THREAD_BYTES);
}

export function saveContext(memory: GuestMemory, into: HartContext): void {
  into.set(memory.registers);
}

/** Puts registers in place; no reservation outlives a switch, as on hardware (an SC may always fail). */
export function loadContext(memory: GuestMemory, from: HartContext): void {
  memory.registers.set(from);
  memory.i32[RESERVED] = -1;
  memory.i32[RESERVED + 1] = -1;
}

/** Sets an integer register of a thread that does not run. */
export function setContextRegister(context: HartContext, index: number, value: number): void {
  const [low, high] = [value >>> 0, Math.floor(value / 2 ** 32)];
  for (let i = 0; i < 4; i++) {
    context[8 * index + i] = low >>> (8 * i);
    context[8 * index + 4 + i] = high >>> (8 * i);
  }
}
