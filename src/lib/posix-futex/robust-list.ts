/** set_robust_list(2) and get_robust_list(2): locks that a thread holds, to be freed at its death (kernel/futex/syscalls.c). */
import { CAP } from "../../abi/capability.ts";
import { EINVAL, EPERM, Errno, ESRCH } from "../../abi/errno.ts";
import { robustListHead } from "../../abi/riscv64/robust-list.ts";
import type { GuestPtr, Tid } from "../../abi/types.ts";
import { perTask } from "../../kernel/slot-kinds.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import { credentialsOf, hasCapability } from "../posix-user/index.ts";

const slot = perTask<{ head: GuestPtr }>({ create: () => ({ head: 0 }), exec: () => ({ head: 0 }) });

const NOT_WALKED = { partial: "the list is kept; nobody but the dying process could wait for its locks" } as const;

export const setRobustList = syscall({
  name: "set_robust_list",
  args: [arg.ptr(), arg.u64],
  support: NOT_WALKED,
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
    const target = pid === 0 ? task : task.kernel.tasks.get(pid as Tid);
    if (target === undefined) return ESRCH;
    const foreign = credentialsOf(target.process).uid !== credentialsOf(task.process).uid;
    if (foreign && !hasCapability(task.process, CAP.SYS_PTRACE)) return EPERM;
    const written = task.mm.writeU64(lengthAt, robustListHead.size);
    return written instanceof Errno ? written : task.mm.writeU64(headAt, target.get(slot).head);
  },
});
