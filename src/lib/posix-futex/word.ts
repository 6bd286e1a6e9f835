/**
 * Access to futex words. They are read and written atomically: guest threads may run beside the kernel. What may not be
 * accessed is EFAULT; whoever calls has seen to it that the word is aligned.
 */
import { EFAULT, type Result } from "../../abi/errno.ts";
import type { GuestPtr } from "../../abi/types.ts";
import type { AddressSpace } from "../../kernel/mm/address-space.ts";
import { ACCESS } from "../../machine/memory.ts";

export type Word = GuestPtr<"u32">;

export const WORD_BYTES = 4;

/** Reads a word, unsigned (futex_get_value_locked). */
export function loadWord(mm: AddressSpace, word: Word): Result<number> {
  return mm.allows(word, WORD_BYTES, ACCESS.READ) ? Atomics.load(mm.memory.u32, word / WORD_BYTES) : EFAULT;
}

export function storeWord(mm: AddressSpace, word: Word, value: number): Result<0> {
  if (!mm.allows(word, WORD_BYTES, ACCESS.WRITE)) return EFAULT;
  Atomics.store(mm.memory.u32, word / WORD_BYTES, value);
  return 0;
}

/** Changes a word and answers what it held, unsigned. `change` may be called again if a thread beside the kernel interferes. */
export function updateWord(mm: AddressSpace, word: Word, change: (old: number) => number): Result<number> {
  if (!mm.allows(word, WORD_BYTES, ACCESS.WRITE)) return EFAULT;
  const { u32 } = mm.memory;
  for (;;) {
    const old = Atomics.load(u32, word / WORD_BYTES);
    if (Atomics.compareExchange(u32, word / WORD_BYTES, old, change(old)) === old) return old;
  }
}

/** Sets a word that still holds `expected` (futex_cmpxchg_value_locked). Answers whether it did. */
export function exchangeWord(mm: AddressSpace, word: Word, expected: number, value: number): Result<boolean> {
  if (!mm.allows(word, WORD_BYTES, ACCESS.WRITE)) return EFAULT;
  return Atomics.compareExchange(mm.memory.u32, word / WORD_BYTES, expected, value) === expected;
}
