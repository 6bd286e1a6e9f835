/** set_robust_list(2) and get_robust_list(2), and what becomes of the locks of a thread that ends (Linux kernel/futex/core.c). */
import { CAP } from "../../abi/capability.ts";
import { EINVAL, EPERM, Errno, ESRCH } from "../../abi/errno.ts";
import { FUTEX, ROBUST_LIST_LIMIT } from "../../abi/futex.ts";
import { robustListHead } from "../../abi/riscv64/robust-list.ts";
import type { GuestPtr, Tid } from "../../abi/types.ts";
import { perTask } from "../../kernel/slot-kinds.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { credentialsOf, hasCapability } from "../posix-user/index.ts";
import { wake } from "./wake.ts";
import { exchangeWord, loadWord, WORD_BYTES } from "./word.ts";

const slot = perTask<{ head: GuestPtr }>({ create: () => ({ head: 0 }), exec: () => ({ head: 0 }) });

export const setRobustList = syscall({
  name: "set_robust_list",
  args: [arg.ptr(), arg.u64],
  support: "full",
  run(task, head, length) {
    if (length !== robustListHead.size) return EINVAL;
    task.get(slot).head = head;
    return 0;
  },
});

export const getRobustList = syscall({
  name: "get_robust_list",
  args: [arg.i32, arg.ptr(), arg.ptr()],
  support: "full",
  run(task, pid, headAt, lengthAt) {
    const target = pid === 0 ? task : task.kernel.taskNamed(pid as Tid);
    if (target === undefined) return ESRCH;
    const foreign = credentialsOf(target.process).uid !== credentialsOf(task.process).uid;
    if (foreign && !hasCapability(task.process, CAP.SYS_PTRACE)) return EPERM;
    const written = task.mm.writeU64(lengthAt, robustListHead.size);
    return written instanceof Errno ? written : task.mm.writeU64(headAt, target.get(slot).head);
  },
});

/** An element of the list, as the pointer to it says: its lowest bit tells a lock with priority inheritance. */
interface Link {
  readonly at: GuestPtr;
  readonly inherits: boolean;
}

/**
 * Marks the locks on a dying task's list as orphaned and wakes one waiter of each (exit_robust_list). The list is the
 * program's own: whatever is wrong with it ends the walk.
 */
export function abandonRobustList(task: Task): void {
  const { head } = task.get(slot);
  if (head === 0) return;
  const list = task.mm.readStruct(head, robustListHead);
  if (list instanceof Errno) return;
  const { futexOffset } = list;
  const pending = parseLink(list.pending);
  let link = parseLink(list.next);
  for (let left = ROBUST_LIST_LIMIT; link.at !== head && left > 0; left--) {
    // Read first: once the lock is orphaned, its memory may be used for something else.
    const next = task.mm.readU64(link.at);
    // The lock that was being taken or freed may be on the list already.
    if (link.at !== pending.at && !abandonLock(task, link, futexOffset, false)) return;
    if (next instanceof Errno) return;
    link = parseLink(next);
  }
  if (pending.at !== 0) abandonLock(task, pending, futexOffset, true);
}

function parseLink(pointer: number): Link {
  const inherits = pointer % 2 === 1;
  return { at: inherits ? pointer - 1 : pointer, inherits };
}

/**
 * Marks one lock as orphaned if the task has it (handle_futex_death). Returns false if its word is not accessible.
 *
 * Robust locks are waited for as shared ones, whether processes share them or not.
 */
function abandonLock(task: Task, { at, inherits }: Link, offset: number, isPending: boolean): boolean {
  const word = at + offset;
  const shared = { word, shared: true } as const;
  if (word % WORD_BYTES !== 0) return false;
  for (;;) {
    const value = loadWord(task.mm, word);
    if (value instanceof Errno) return false;
    const owner = value & FUTEX.TID_MASK;
    if (isPending && !inherits && owner === 0) {
      // It was freed and its waiters were not yet woken, or this was the one who was woken: another must have the chance.
      wake(task, shared, 1);
      return true;
    }
    if (owner !== task.tid) return true;
    const exchanged = exchangeWord(task.mm, word, value, ((value & FUTEX.WAITERS) | FUTEX.OWNER_DIED) >>> 0);
    if (exchanged instanceof Errno) return false;
    if (!exchanged) continue;
    // Those who wait for a lock with priority inheritance are served by its record.
    if (!inherits && (value & FUTEX.WAITERS) !== 0) wake(task, shared, 1);
    return true;
  }
}
