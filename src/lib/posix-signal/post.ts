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
import { actionOf, defaultAction, hasNoEffect, isDefault, resetAction, STOP_SIGNALS } from "./disposition.ts";
import { isAlwaysQueued, type PendingSignals, type QueueAccount } from "./pending.ts";
import { isStopped, processSignals, reportState, setSignalMask, signalArrivals, taskSignals } from "./task-signals.ts";

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
  const receiver = target instanceof Process ? firstTask(process) : target;
  if (isIgnoredBy(receiver, signo)) {
    for (const observer of kernel.extensions(signalObserver)) {
      observer.delivered?.(receiver, info);
      observer.taken?.(process, info);
    }
    return 0;
  }
  const queue = target instanceof Process ? process.get(processSignals).pending : target.get(taskSignals).pending;
  const limit = isAlwaysQueued(info) ? Number.POSITIVE_INFINITY : softLimit(process, RLIMIT.SIGPENDING);
  const added = queue.add(info, accountOf(process), limit);
  if (added !== 0) return added;
  signalArrivals(kernel).wake();
  const chosen = target instanceof Process ? chooseTask(process, signo) : wants(target, signo) ? target : undefined;
  if (chosen === undefined) return 0;
  if (isFatal(chosen, signo)) endSoon(chosen, info);
  else chosen.interruptSleep();
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
  task.interruptSleep();
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
  let known = info;
  for (const { taken } of process.kernel.extensions(signalObserver)) known = taken?.(process, known) ?? known;
  return known;
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
  if (!hasNoEffect(actionOf(task.process, signo), signo)) return false;
  const { blocked, realBlocked } = task.get(taskSignals);
  return !blocked.has(signo) && !realBlocked.has(signo);
}

function firstTask({ tasks, leader }: Process): Task {
  if (leader?.dead === false) return leader;
  const [first] = tasks;
  return first!;
}

/** Whether a thread can take a signal: one that is stopped takes none before it goes on. (wants_signal) */
function wants(task: Task, signo: Signo): boolean {
  return !task.get(taskSignals).blocked.has(signo) && !isStopped(task.process);
}

/**
 * Which thread is to take a signal of the process: the first one if it has nothing else to take, else the next one in turn
 * that has not; none if all of them block it. (complete_signal)
 */
function chooseTask(process: Process, signo: Signo): Task | undefined {
  const first = firstTask(process);
  if (isFreeFor(first, signo)) return first;
  const tasks = [...process.tasks];
  const state = process.get(processSignals);
  const start = Math.max(0, tasks.indexOf(state.lastChosen ?? first));
  const inTurn = [...tasks.slice(start), ...tasks.slice(0, start)];
  const free = inTurn.find((task) => isFreeFor(task, signo));
  if (free !== undefined) state.lastChosen = free;
  // All that can take it are about to look at their signals: they find this one too.
  return free ?? inTurn.find((task) => wants(task, signo));
}

function isFreeFor(task: Task, signo: Signo): boolean {
  return wants(task, signo) && (task === task.kernel.current || !task.signalPending);
}

/** Whether nothing but a core dump can come between a signal and the end of the process. (sig_fatal) */
function isFatal(task: Task, signo: Signo): boolean {
  const { process } = task;
  if (!isDefault(actionOf(process, signo)) || defaultAction(signo) !== "terminate") return false;
  return process !== process.kernel.init && !task.get(taskSignals).realBlocked.has(signo);
}

/**
 * Ends a process by a signal, its sleeping threads as well as those that cannot be interrupted: none of them does anything
 * more. What runs now is left first.
 */
function endSoon(task: Task, info: SigInfo): void {
  const { process, kernel } = task;
  const state = process.get(processSignals);
  if (state.fatal !== undefined) return;
  state.fatal = info.signo;
  for (const observer of kernel.extensions(signalObserver)) observer.delivered?.(task, info);
  for (const each of process.tasks) each.workPending = true;
  kernel.scheduler.atSafepoint(() =>
    kernel.exitProcess(process, { kind: "signaled", signal: info.signo, core: false }),
  );
}

function accountOf(process: Process): QueueAccount {
  const all = process.kernel.get(accounts);
  const { uid } = credentialsOf(process);
  const known = all.get(uid);
  if (known !== undefined) return known;
  const account = { queued: 0 };
  all.set(uid, account);
  return account;
}
