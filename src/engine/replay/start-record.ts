/**
 * A program's start as it was recorded, up to a system call: which calls it made, what they read of its memory and what they
 * answered, and then its memory and registers. Plain data.
 */

/** A range of memory. */
export interface RecordedBytes {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** What a call has written, by its hash: see {@link hashOf}. */
export interface RecordedAnswer {
  readonly at: number;
  readonly length: number;
  readonly hash: number;
}

export interface RecordedCall {
  /** Words of {@link CALL_REGISTERS} when it was made. */
  readonly registers: readonly number[];
  /** What it read. */
  readonly inputs: readonly RecordedBytes[];
  /** Words of a0 behind it. */
  readonly result: readonly [low: number, high: number];
  /** What it wrote, as far as that must be the same again. */
  readonly outputs: readonly RecordedAnswer[];
}

export interface StartRecord {
  readonly calls: readonly RecordedCall[];
  /** From HART.x on, HART_THREAD_BYTES, at the call that ends the record: pc is that of its ecall. */
  readonly hart: Uint8Array;
  /** Whether accrued floating-point exceptions are kept by then. */
  readonly fflags: boolean;
  /** What of memory is not as the calls leave it. */
  readonly memory: readonly RecordedBytes[];
}

/** The integer registers that a system call can depend on: sp, tp, a0 to a5, a7. */
export const CALL_REGISTERS = [2, 4, 10, 11, 12, 13, 14, 15, 17] as const;

/** FNV-1a in 32 bits, of words: it tells answers apart that nobody tries to make alike. */
export function hashOf(bytes: Uint8Array): number {
  const words = bytes.length & ~3;
  let hash = 0x811c9dc5;
  // Plain loops: this is run cold, and for all that a program reads.
  for (let i = 0; i < words; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    hash = Math.imul(hash ^ word, 0x01000193);
  }
  for (let i = words; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash >>> 0;
}
