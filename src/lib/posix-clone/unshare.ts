/** unshare(2): a process of its own where clone(2) made it share (ksys_unshare of Linux kernel/fork.c). */
import { CLONE } from "../../abi/clone.ts";
import { EINVAL } from "../../abi/errno.ts";
import { cloneFlag, hasFlag } from "../../kernel/clone-flag.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import { isSharingActions } from "../posix-signal/index.ts";

/** What every thread may leave; there is nothing to leave where nobody keeps semaphores to undo. */
const NOTHING_SHARED = CLONE.SYSVSEM;

/** What only a process with one thread may ask for, and has then. */
const SINGLE_THREADED = CLONE.THREAD | CLONE.SIGHAND | CLONE.VM;

export const unshare = syscall({
  name: "unshare",
  args: [arg.flags(CLONE, "CLONE_")],
  support: {
    partial: "no namespaces; threads of one process cannot be parted from each other's files and directories",
  },
  run(task, flags) {
    const parts = task.kernel.extensions(cloneFlag).filter(({ unshare: part }) => part !== undefined);
    const known = parts.reduce((bits, { flag }) => bits | flag, NOTHING_SHARED | SINGLE_THREADED);
    if ((flags & ~known) !== 0) return EINVAL;
    const { process, mm } = task;
    if ((flags & ~NOTHING_SHARED) !== 0 && process.tasks.size > 1) return EINVAL;
    // A process cannot leave the memory, or the handlers, that it shares with another one.
    if ((flags & CLONE.VM) !== 0 && mm.users > 1) return EINVAL;
    if ((flags & (CLONE.VM | CLONE.SIGHAND)) !== 0 && isSharingActions(process)) return EINVAL;
    for (const { flag, unshare: part } of parts) if (hasFlag(flags, flag)) part?.(task);
    return 0;
  },
});
