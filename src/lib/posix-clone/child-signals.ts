/** What children's changes mean to their parent's signals: do_notify_parent of Linux kernel/signal.c. */
import { SA, SIG } from "../../abi/signal.ts";
import type { Signo } from "../../abi/types.ts";
import type { Process } from "../../kernel/process.ts";
import { parentDeathSignal } from "../posix-process/index.ts";
import { actionOf, isIgnore, postSignal } from "../posix-signal/index.ts";
import { type ChildChange, childInfo } from "./child-change.ts";

/**
 * Tells a parent of a child by a signal. At the end it is the child's own one, 0 being none; of stops SIGCHLD tells, unless the
 * parent does not want to hear of them.
 */
export function signalParent(parent: Process, child: Process, change: ChildChange, exitSignal: number): void {
  const info = childInfo(child, change);
  if (change.kind === "ended") {
    if (exitSignal === SIG.CHLD) postSignal(parent, info);
    else if (exitSignal !== 0) postSignal(parent, { ...info, signo: exitSignal as Signo });
  } else if ((actionOf(parent, SIG.CHLD).flags & SA.NOCLDSTOP) === 0) postSignal(parent, info);
}

/** Whether a parent does not want a child to become a zombie: only those that end with SIGCHLD are given up so. */
export function disownsChild(parent: Process, exitSignal: number): boolean {
  if (exitSignal !== SIG.CHLD) return false;
  const action = actionOf(parent, SIG.CHLD);
  return isIgnore(action) || (action.flags & SA.NOCLDWAIT) !== 0;
}

/**
 * The parent of a process has died, or the thread of it that made the process: the process is sent what each of its threads
 * asked for (PR_SET_PDEATHSIG).
 */
export function signalOrphan(child: Process): void {
  for (const task of child.tasks) {
    const signo = parentDeathSignal(task);
    if (signo !== 0) postSignal(child, { signo: signo as Signo });
  }
}
