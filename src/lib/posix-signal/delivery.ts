/**
 * What happens to a task's signals before it goes on: get_signal() of Linux kernel/signal.c and
 * arch_do_signal_or_restart() of arch/riscv/kernel/signal.c.
 */
import { EINTR, ERESTART_RESTARTBLOCK, ERESTARTNOHAND, ERESTARTSYS, Errno } from "../../abi/errno.ts";
import type { SigInfo } from "../../abi/riscv64/siginfo.ts";
import { SA, SI, SIG } from "../../abi/signal.ts";
import type { Signo } from "../../abi/types.ts";
import { ExtensionPoint } from "../../kernel/library.ts";
import type { Process } from "../../kernel/process.ts";
import type { Task } from "../../kernel/task.ts";
import type { Blocking } from "../../kernel/wait.ts";
import { isOrphanedGroup, jobControlOf } from "../posix-process/index.ts";
import { actionOf, defaultAction, resetAction, type SigAction } from "./disposition.ts";
import { enterHandler } from "./frame.ts";
import { forceSignal, signalObserver, takenInfo } from "./post.ts";
import {
  type ProcessSignals,
  processSignals,
  reportState,
  restoreSavedMask,
  setSignalMask,
  type TaskSignals,
  taskSignals,
} from "./task-signals.ts";

/**
 * Writes down for debuggers what a process is that a signal ends, and answers whether it has. The task is the one that the
 * signal came to; all threads are still there. Provided by posix-core.
 */
export const coreDumper = new ExtensionPoint<(task: Task, info: SigInfo) => boolean>("coreDumper");

/**
 * Acts on every signal that the task does not block; afterwards its registers are where it goes on. Answers a sleep if the
 * process is stopped, to be called again when it was continued.
 */
export function deliverSignals(task: Task): Blocking<0> | undefined {
  const own = task.get(taskSignals);
  const shared = task.process.get(processSignals);
  while (!task.dead) {
    const { fatal, stopped } = shared;
    if (fatal !== undefined) {
      task.kernel.exitProcess(task.process, { kind: "signaled", signal: fatal, core: false });
      return undefined;
    }
    if (stopped) return untilContinued(task);
    const info = takeSignal(task, own, shared);
    if (info === undefined) {
      restoreSavedMask(task, own);
      return undefined;
    }
    for (const observer of task.kernel.extensions(signalObserver)) observer.delivered?.(task, info);
    act(task, info, own);
  }
  return undefined;
}

/** Sleeps where nothing but SIGCONT or SIGKILL wakes it. */
function* untilContinued(task: Task): Blocking<0> {
  const state = task.process.get(processSignals);
  while (state.stopped) yield { on: [state.continued], interruptible: false };
  task.workPending = true;
  return 0;
}

function takeSignal(task: Task, own: TaskSignals, shared: ProcessSignals): SigInfo | undefined {
  const { blocked, pending } = own;
  const found = pending.takeFault(blocked) ?? pending.take(blocked) ?? shared.pending.take(blocked);
  return found === undefined ? undefined : takenInfo(task.process, found);
}

function act(task: Task, info: SigInfo, own: TaskSignals): void {
  const { process } = task;
  const { signo } = info;
  const action = actionOf(process, signo);
  if (action.does === "ignore") return;
  if (action.does === "handle") {
    runHandler(task, info, action, own);
    return;
  }
  if (process === process.kernel.init && isFromOther(process, info)) return;
  switch (defaultAction(signo)) {
    case "ignore":
    case "continue":
      return;
    case "stop":
      stop(process, signo);
      return;
    case "terminate":
      process.kernel.exitProcess(process, { kind: "signaled", signal: signo, core: false });
      return;
    case "core": {
      const core = process.kernel.extensions(coreDumper).some((dump) => dump(task, info));
      process.kernel.exitProcess(process, { kind: "signaled", signal: signo, core });
    }
  }
}

/**
 * Whether another process sent a signal. The first process takes only those that it handles, so that nobody can end or stop
 * the machine by mistake (SIGNAL_UNKILLABLE of Linux). Unlike there it may end itself: it is the program that is to be run.
 */
function isFromOther({ pid }: Process, info: SigInfo): boolean {
  return (info.kind === "kill" || info.kind === "queue") && info.code <= SI.USER && info.pid !== 0 && info.pid !== pid;
}

/** Holds all threads. A group that nobody could continue ignores the terminal's stop signals. (do_signal_stop) */
function stop(process: Process, signo: Signo): void {
  const { kernel } = process;
  if (signo !== SIG.STOP && isOrphanedGroup(kernel, jobControlOf(process).pgid)) return;
  process.get(processSignals).stopped = true;
  reportState(process, { kind: "stopped", signal: signo });
  for (const task of process.tasks) task.interruptSleep();
}

function runHandler(task: Task, info: SigInfo, action: SigAction, own: TaskSignals): void {
  const { signo } = info;
  if ((action.flags & SA.RESETHAND) !== 0) resetAction(task.process, signo);
  decideInterrupted(task, action);
  const entered = enterHandler(task, info, action, own);
  if (entered instanceof Errno) {
    // No room for the frame: SIGSEGV, and an end without a handler if SIGSEGV was what had none.
    if (signo === SIG.SEGV) resetAction(task.process, SIG.SEGV);
    forceSignal(task, { kind: "kill", signo: SIG.SEGV, code: SI.KERNEL, pid: 0, uid: 0 });
    return;
  }
  own.saved = undefined;
  const blocked = own.blocked.union(action.mask);
  setSignalMask(task, (action.flags & SA.NODEFER) === 0 ? blocked.with(signo) : blocked, own);
}

/** A handler runs: the call that its signal interrupted is made again or fails (signal(7), "Interruption …"). */
function decideInterrupted(task: Task, action: SigAction): void {
  const { interruption } = task;
  if (interruption === undefined) return;
  const fails =
    interruption === ERESTARTNOHAND ||
    interruption === ERESTART_RESTARTBLOCK ||
    (interruption === ERESTARTSYS && (action.flags & SA.RESTART) === 0);
  if (fails) task.failCall(EINTR);
  else task.restartCall();
}
