/** What a word is known by, so that all who name the same word find each other (get_futex_key of Linux kernel/futex/core.c). */
import { EFAULT, EINVAL, type Result } from "../../abi/errno.ts";
import { TASK_SIZE } from "../../kernel/mm/address-space.ts";
import { perAddressSpace, perKernel } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import { ACCESS } from "../../machine/memory.ts";
import { type FutexKey, FutexWords } from "./queue.ts";
import { WORD_BYTES, type Word } from "./word.ts";

/** A word as a call names it. */
export interface WordArg {
  readonly word: Word;
  /** Whether processes may share it: not FUTEX_PRIVATE_FLAG. */
  readonly shared: boolean;
}

/** Words of one address space by address. Whoever says "private" does not meet those who say "shared", as on Linux. */
const localWords = perAddressSpace(() => ({ private: new FutexWords(), shared: new FutexWords() }));

/** Words in files and in shared anonymous memory, by inode and offset. */
const fileWords = perKernel(() => new FutexWords());

/**
 * Says which word an address means: EINVAL if it is misaligned, EFAULT if it cannot be a program's. A private word is known
 * by its address, whatever lies there. A shared one must be mapped, and be writable for `write`; in a shared mapping, or in
 * a file's page that the process cannot write to, it is known by the file.
 */
export function keyOf(task: Task, { word, shared }: WordArg, access: "read" | "write"): Result<FutexKey> {
  if (word % WORD_BYTES !== 0) return EINVAL;
  if (!(word >= 0 && word < TASK_SIZE)) return EFAULT;
  const { mm } = task;
  if (!shared) return mm.get(localWords).private.keyOf(word);
  const writable = mm.allows(word, WORD_BYTES, ACCESS.WRITE);
  if (!writable && (access === "write" || !mm.allows(word, WORD_BYTES, ACCESS.READ))) return EFAULT;
  const area = mm.areaAt(word);
  if (area === undefined) return EFAULT;
  const { file, start, offset } = area;
  if (file !== undefined && (area.shared || !writable)) {
    const name = `${file.device}:${file.inode}:${word - start + offset}`;
    return task.kernel.get(fileWords).keyOf(name);
  }
  return writable ? mm.get(localWords).shared.keyOf(word) : EFAULT;
}
