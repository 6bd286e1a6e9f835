/** futex(2) (linux/futex.h). */
export const FUTEX = {
  WAIT: 0,
  WAKE: 1,
  FD: 2,
  REQUEUE: 3,
  CMP_REQUEUE: 4,
  WAKE_OP: 5,
  LOCK_PI: 6,
  UNLOCK_PI: 7,
  TRYLOCK_PI: 8,
  WAIT_BITSET: 9,
  WAKE_BITSET: 10,
  WAIT_REQUEUE_PI: 11,
  CMP_REQUEUE_PI: 12,
  LOCK_PI2: 13,
  PRIVATE_FLAG: 128,
  CLOCK_REALTIME: 256,
  CMD_MASK: ~(128 | 256),
  BITSET_MATCH_ANY: 0xffff_ffff,
  /** Bits of the word of a robust or priority-inheriting lock. */
  WAITERS: 0x8000_0000,
  OWNER_DIED: 0x4000_0000,
  TID_MASK: 0x3fff_ffff,
} as const;

/** What FUTEX_WAKE_OP does to the second word, and how it compares the old value (linux/futex.h, FUTEX_OP). */
export const FUTEX_OP = { SET: 0, ADD: 1, OR: 2, ANDN: 3, XOR: 4, OPARG_SHIFT: 8 } as const;
export const FUTEX_OP_CMP = { EQ: 0, NE: 1, LT: 2, LE: 3, GT: 4, GE: 5 } as const;

/** Flags of one word for futex_waitv(2), futex_wait(2), futex_wake(2) and futex_requeue(2). */
export const FUTEX2 = { SIZE_U32: 2, SIZE_MASK: 3, PRIVATE: 128 } as const;

/** Words that one futex_waitv(2) takes. */
export const FUTEX_WAITV_MAX = 128;

/** Entries of a robust list that are looked at. */
export const ROBUST_LIST_LIMIT = 2048;
