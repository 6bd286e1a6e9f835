/** FUTEX_WAKE, FUTEX_WAKE_BITSET and FUTEX_WAKE_OP (Linux kernel/futex/waitwake.c). */
import { EINVAL, ENOSYS, Errno, type Result } from "../../abi/errno.ts";
import { FUTEX, FUTEX_OP, FUTEX_OP_CMP } from "../../abi/futex.ts";
import type { Task } from "../../kernel/task.ts";
import { keyOf, type WordArg } from "./key.ts";
import { PiWaiter } from "./pi-lock.ts";
import { type FutexKey, queueAt, type Waiter, wakeUp } from "./queue.ts";
import { updateWord } from "./word.ts";

/**
 * Wakes up to `count` of those on a word that share a bit with `bits`, and answers how many. A count below 1 wakes one,
 * except that 0 wakes none if `isStrict`.
 */
export function wake(
  task: Task,
  at: WordArg,
  count: number,
  bits: number = FUTEX.BITSET_MATCH_ANY,
  isStrict = false,
): Result<number> {
  if (bits === 0) return EINVAL;
  const key = keyOf(task, at, "read");
  if (key instanceof Errno) return key;
  return isStrict && count === 0 ? 0 : wakeKey(key, count, bits);
}

/** EINVAL at the first that waits for a lock with priority inheritance: those before it are woken all the same. */
function wakeKey(key: FutexKey, count: number, bits: number): Result<number> {
  let woken = 0;
  let waiter = queueAt(key)?.first;
  while (waiter !== undefined) {
    const next: Waiter | undefined = waiter.after;
    if (waiter instanceof PiWaiter) return EINVAL;
    if ((waiter.bits & bits) !== 0) {
      wakeUp(waiter);
      woken++;
      if (woken >= count) break;
    }
    waiter = next;
  }
  return woken;
}

/** What FUTEX_WAKE_OP is told: whom to wake, and how the second word changes. */
export interface WakeOp {
  readonly first: WordArg;
  readonly firstCount: number;
  readonly second: WordArg;
  readonly secondCount: number;
  /** FUTEX_OP(op, oparg, cmp, cmparg). */
  readonly operation: number;
}

/** Changes the second word, wakes those on the first, and those on the second if its old value compares as asked. */
export function wakeOp(task: Task, { first, firstCount, second, secondCount, operation }: WakeOp): Result<number> {
  const firstKey = keyOf(task, first, "read");
  if (firstKey instanceof Errno) return firstKey;
  const secondKey = keyOf(task, second, "write");
  if (secondKey instanceof Errno) return secondKey;
  const holds = operate(task, second, operation);
  if (holds instanceof Errno) return holds;
  const woken = wakeKey(firstKey, firstCount, FUTEX.BITSET_MATCH_ANY);
  if (woken instanceof Errno || !holds) return woken;
  const more = wakeKey(secondKey, secondCount, FUTEX.BITSET_MATCH_ANY);
  return more instanceof Errno ? more : woken + more;
}

/** futex_atomic_op_inuser: EFAULT before ENOSYS; an unknown comparison is found out after the word was changed. */
function operate(task: Task, { word }: WordArg, operation: number): Result<boolean> {
  const op = (operation >>> 28) & 7;
  const compare = (operation >>> 24) & 15;
  const operand = (operation << 8) >> 20;
  const against = (operation << 20) >> 20;
  const shifted = ((operation >>> 28) & FUTEX_OP.OPARG_SHIFT) !== 0;
  const change = CHANGES[op];
  const by = shifted ? 1 << (operand & 31) : operand;
  const old = updateWord(task.mm, word, (value) => (change === undefined ? value : change(value, by) >>> 0));
  if (old instanceof Errno) return old;
  return change === undefined ? ENOSYS : (COMPARISONS[compare]?.(old | 0, against) ?? ENOSYS);
}

const CHANGES: Readonly<Record<number, (old: number, by: number) => number>> = {
  [FUTEX_OP.SET]: (_old, by) => by,
  [FUTEX_OP.ADD]: (old, by) => old + by,
  [FUTEX_OP.OR]: (old, by) => old | by,
  [FUTEX_OP.ANDN]: (old, by) => old & ~by,
  [FUTEX_OP.XOR]: (old, by) => old ^ by,
};

const COMPARISONS: Readonly<Record<number, (old: number, against: number) => boolean>> = {
  [FUTEX_OP_CMP.EQ]: (old, against) => old === against,
  [FUTEX_OP_CMP.NE]: (old, against) => old !== against,
  [FUTEX_OP_CMP.LT]: (old, against) => old < against,
  [FUTEX_OP_CMP.LE]: (old, against) => old <= against,
  [FUTEX_OP_CMP.GT]: (old, against) => old > against,
  [FUTEX_OP_CMP.GE]: (old, against) => old >= against,
};
