import type { Result } from "../../abi/errno.ts";
import { RLIMIT } from "../../abi/resource.ts";
import type { SigInfo } from "../../abi/riscv64/siginfo.ts";
import { SI, SIG } from "../../abi/signal.ts";
import { SignalSet } from "../../abi/signal-set.ts";
import type { Signo, Uid } from "../../abi/types.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { ExtensionPoint } from "../../kernel/library.ts";
import { Process } from "../../kernel/process.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import { softLimit } from "../posix-process/index.ts";
import { credentialsOf } from "../posix-user/index.ts";
import { actionOf, hasNoEffect, resetAction, STOP_SIGNALS } from "./disposition.ts";
import type { PendingSignals, QueueAccount } from "./pending.ts";
import { processSignals, reportState, setSignalMask, signalArrivals, taskSignals } from "./task-signals.ts";

/** A signal with all that comes with it, or only its number: then it is as if the running task had used kill(2). */
export type Sent = SigInfo | { readonly kind?: undefined; readonly signo: Signo };

/** Told of each signal that is taken from its queue, or dropped unseen because it is ignored. */
export interface SignalObserver {
  /** A signal is about to be acted upon: a handler runs, the process ends, or nothing happens. */
  delivered?(task: Task, info: SigInfo): void;
  /**
   * A queued signal left its queue. Answers the information to deliver: a timer counts its overruns only now.
   */
  taken?(process: Process, info: SigInfo): SigInfo;
}

export const signalObserver = new ExtensionPoint<SignalObserver>("signalObserver");

const CONTINUE = SignalSet.of(SIG.CONT);

const accounts = perKernel(() => new Map<Uid, QueueAccount>());

/**
 * Sends a signal to a process or to one task of it. Signals that have no effect are dropped, unless they are blocked and may
 * yet get one. (send_signal_locked of Linux kernel/signal.c)
 *
 * @returns EAGAIN if its information cannot be queued any more.
 */
export function postSignal(target: Process | Task, sent: Sent): Result<0> {
  const { kernel } = target;
  const info = complete(kernel, sent);
  const { signo } = info;
  const process = target instanceof Process ? target : target.process;
  if (process.exitStatus !== undefined) return 0;
  cancelOpposites(process, signo);
  const receiver = target instanceof Process ? chooseTask(process, signo) : target;
  if (isIgnoredBy(receiver, signo)) {
    for (const observer of kernel.extensions(signalObserver)) {
      observer.delivered?.(receiver, info);
      observer.taken?.(process, info);
    }
    return 0;
  }
  const queue = target instanceof Process ? process.get(processSignals).pending : target.get(taskSignals).pending;
  const added = queue.add(info, accountOf(process), softLimit(process, RLIMIT.SIGPENDING));
  if (added !== 0) return added;
  signalArrivals(process).wake();
  alert(receiver, signo);
  return 0;
}

/**
 * Sends a task a fault of its own. It cannot be held back: if the program blocks or ignores it, it ends the program.
 * (force_sig_info_to_task)
 */
export function forceSignal(task: Task, info: SigInfo): void {
  const { signo } = info;
  const { process } = task;
  const signals = task.get(taskSignals);
  const blocked = signals.blocked.has(signo);
  const action = actionOf(process, signo);
  if (blocked || hasNoEffect(action, signo)) resetAction(process, signo);
  if (blocked) setSignalMask(task, signals.blocked.without(signo));
  signals.pending.add(info, accountOf(process), Number.POSITIVE_INFINITY);
  alert(task, signo);
}

/** Forgets signals that the process has come to ignore. */
export function discardPending(process: Process, set: SignalSet): void {
  const queues = [
    process.get(processSignals).pending,
    ...[...process.tasks].map((task) => task.get(taskSignals).pending),
  ];
  for (const queue of queues) discardFrom(queue, process, set);
}

function discardFrom(queue: PendingSignals, process: Process, set: SignalSet): void {
  for (const info of queue.discard(set)) {
    for (const observer of process.kernel.extensions(signalObserver)) observer.taken?.(process, info);
  }
}

/** What came with a queued signal, now that it leaves the queue. */
export function takenInfo(process: Process, info: SigInfo): SigInfo {
  return process.kernel
    .extensions(signalObserver)
    .reduce((known, observer) => observer.taken?.(process, known) ?? known, info);
}

function complete(kernel: Kernel, sent: Sent): SigInfo {
  if (sent.kind !== undefined) return sent;
  const { current } = kernel;
  const { signo } = sent;
  if (current === undefined) return { kind: "kill", signo, code: SI.KERNEL, pid: 0, uid: 0 };
  const { process } = current;
  return { kind: "kill", signo, code: SI.USER, pid: process.pid, uid: credentialsOf(process).uid };
}

/** SIGCONT ends a stop and undoes those that are still to come; a stop signal undoes SIGCONT. (prepare_signal) */
function cancelOpposites(process: Process, signo: Signo): void {
  if (signo === SIG.CONT || signo === SIG.KILL) {
    const state = process.get(processSignals);
    if (state.stopped && signo === SIG.CONT) reportState(process, { kind: "continued" });
    state.stopped = false;
    state.continued.wake();
  }
  if (signo === SIG.CONT) discardPending(process, STOP_SIGNALS);
  else if (STOP_SIGNALS.has(signo)) discardPending(process, CONTINUE);
}

/** A blocked signal is kept even if it is ignored: the program may choose otherwise before it unblocks it. */
function isIgnoredBy(task: Task, signo: Signo): boolean {
  const { blocked, realBlocked } = task.get(taskSignals);
  return !blocked.has(signo) && !realBlocked.has(signo) && hasNoEffect(actionOf(task.process, signo), signo);
}

/** Which thread is to handle it: the first one if it can, else one that can. (complete_signal) */
function chooseTask(process: Process, signo: Signo): Task {
  const tasks = [...process.tasks];
  return tasks.find((task) => !task.get(taskSignals).blocked.has(signo)) ?? tasks[0]!;
}

function alert(task: Task, signo: Signo): void {
  if (!task.get(taskSignals).blocked.has(signo)) task.interruptSleep();
}

function accountOf(process: Process): QueueAccount {
  const known = process.kernel.get(accounts);
  const { uid } = credentialsOf(process);
  const account = known.get(uid) ?? { queued: 0 };
  known.set(uid, account);
  return account;
}
