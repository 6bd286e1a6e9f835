/** rt_sigreturn(2), which only the vDSO calls, and restart_syscall(2), which only the kernel makes a task call. */
import { EINTR, Errno } from "../../abi/errno.ts";
import { SI, SIG } from "../../abi/signal.ts";
import { continueRestartBlock } from "../../kernel/sleeping.ts";
import { REGISTERS_SET, syscall } from "../../kernel/syscall.ts";
import { leaveHandler } from "./frame.ts";
import { forceSignal } from "./post.ts";

export const rtSigreturn = syscall({
  name: "rt_sigreturn",
  args: [],
  support: "full",
  run(task) {
    task.restartBlock = undefined;
    if (leaveHandler(task) instanceof Errno) {
      forceSignal(task, { kind: "kill", signo: SIG.SEGV, code: SI.KERNEL, pid: 0, uid: 0 });
    }
    return REGISTERS_SET;
  },
});

/** Goes on with a call that was interrupted without a handler, with the deadline that it had. */
export const restartSyscall = syscall({
  name: "restart_syscall",
  args: [],
  support: "full",
  run: (task) => continueRestartBlock(task, EINTR),
});
