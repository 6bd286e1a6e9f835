import type { SigInfo } from "../../abi/riscv64/siginfo.ts";
import type { SignalSet } from "../../abi/signal-set.ts";
import type { Task } from "../../kernel/task.ts";
import { takenInfo } from "./post.ts";
import { processSignals, taskSignals } from "./task-signals.ts";

/** Takes a pending signal out of a set without acting on it: the task's own first, then its process's. */
export function takePending(task: Task, which: SignalSet): SigInfo | undefined {
  const others = which.complement();
  const found = task.get(taskSignals).pending.take(others) ?? task.process.get(processSignals).pending.take(others);
  return found === undefined ? undefined : takenInfo(task.process, found);
}
