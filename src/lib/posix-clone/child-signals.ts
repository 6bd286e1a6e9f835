/** What children's changes mean to their parent's signals: do_notify_parent of Linux kernel/signal.c. */
import { SA, SIG } from "../../abi/signal.ts";
import type { Signo } from "../../abi/types.ts";
import type { Process } from "../../kernel/process.ts";
import { parentDeathSignal } from "../posix-process/index.ts";
import { actionOf, isIgnore, postSignal } from "../posix-signal/index.ts";
import { type ChildChange, childInfo } from "./child-change.ts";

/** Tells a parent of a child by a signal; none if `signal` is 0, or if it does not want to hear of stops. */
export function signalParent(parent: Process, child: Process, change: ChildChange, signal: number): void {
  if (signal === 0) return;
  if (change.kind !== "ended" && (actionOf(parent, SIG.CHLD).flags & SA.NOCLDSTOP) !== 0) return;
  postSignal(parent, { ...childInfo(child, change), signo: signal as Signo });
}

/** Whether a parent does not want its children to become zombies. */
export function disownsChildren(parent: Process): boolean {
  const action = actionOf(parent, SIG.CHLD);
  return isIgnore(action) || (action.flags & SA.NOCLDWAIT) !== 0;
}

/** The parent of a process has died: its threads are sent what they asked for (PR_SET_PDEATHSIG). */
export function signalOrphan(child: Process): void {
  for (const task of child.tasks) {
    const signo = parentDeathSignal(task);
    if (signo !== 0) postSignal(task, { signo: signo as Signo });
  }
}
