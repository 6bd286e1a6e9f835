/** rt_sigsuspend(2): waits for a signal, with another mask meanwhile. */
import { ERESTARTNOHAND, Errno } from "../../abi/errno.ts";
import { syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Blocking } from "../../kernel/wait.ts";
import { readMask, sigsetIn, sizeArg } from "./signal-args.ts";
import { endTemporaryMask, hasDeliverableSignal, setTemporaryMask } from "./task-signals.ts";

export const rtSigsuspend = syscall({
  name: "rt_sigsuspend",
  args: [sigsetIn, sizeArg],
  support: "full",
  run(task, at, size) {
    const mask = readMask(task, at, size);
    if (mask instanceof Errno) return mask;
    setTemporaryMask(task, mask);
    return suspend(task);
  },
  restart: suspend,
});

/** Sleeps until a signal can be delivered. If that runs no handler, such as SIGCONT, the call is made again. */
function* suspend(task: Task): Blocking {
  while (!hasDeliverableSignal(task)) if ((yield { on: [] }) === "signal") break;
  endTemporaryMask(task, true);
  return ERESTARTNOHAND;
}
