import { SignalSet } from "../../abi/signal-set.ts";
import type { Signo } from "../../abi/types.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { ExtensionPoint } from "../../kernel/library.ts";
import type { Process } from "../../kernel/process.ts";
import { perKernel, perProcess, perTask } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import { WaitQueue } from "../../kernel/wait.ts";
import { UNBLOCKABLE } from "./disposition.ts";
import { PendingSignals } from "./pending.ts";

/** The stack on which handlers with SA_ONSTACK run (sigaltstack(2)). */
export interface AlternateStack {
  /** Whether there is none: `size` is 0. */
  readonly isNone: boolean;
  readonly sp: bigint;
  readonly size: bigint;
  /** The mode that was asked for and SS_AUTODISARM, as sigaltstack reports them. */
  readonly flags: number;
}

export const NO_STACK: AlternateStack = Object.freeze({ isNone: true, sp: 0n, size: 0n, flags: 0 });

export interface TaskSignals {
  blocked: SignalSet;
  /** What {@link blocked} was before a call changed it for its own duration; restored when the call is over. */
  saved: SignalSet | undefined;
  /** While a task waits in rt_sigtimedwait: what is blocked beside those it waits for, so that they are not ignored. */
  realBlocked: SignalSet;
  readonly pending: PendingSignals;
  stack: AlternateStack;
}

export const taskSignals = perTask<TaskSignals>({
  create: () => ({
    blocked: SignalSet.EMPTY,
    saved: undefined,
    realBlocked: SignalSet.EMPTY,
    pending: new PendingSignals(),
    stack: NO_STACK,
  }),
  fork: (parent) => ({
    blocked: parent.blocked,
    saved: undefined,
    realBlocked: SignalSet.EMPTY,
    pending: new PendingSignals(),
    stack: parent.stack,
  }),
  exec: (value) => Object.assign(value, { stack: NO_STACK }),
  exit: ({ pending }) => pending.clear(),
});

/** What stop signals and SIGCONT do to a process. */
export type StateChange = { readonly kind: "stopped"; readonly signal: Signo } | { readonly kind: "continued" };

/** Told when a process was stopped, or goes on. */
export const onStateChange = new ExtensionPoint<(process: Process, change: StateChange) => void>("onStateChange");

export function reportState(process: Process, change: StateChange): void {
  for (const hook of process.kernel.extensions(onStateChange)) hook(process, change);
}

export interface ProcessSignals {
  /** Sent to the process: any thread may take them. */
  readonly pending: PendingSignals;
  /** A signal that ends the process: none of its threads gets to do anything else any more. */
  fatal: Signo | undefined;
  /** The thread that the last signal was meant for, where the search for the next one begins (curr_target). */
  lastChosen: Task | undefined;
  /** Whether a stop signal holds all its threads, until SIGCONT or SIGKILL. */
  stopped: boolean;
  readonly continued: WaitQueue;
}

export const processSignals = perProcess<ProcessSignals>({
  create: () => ({
    pending: new PendingSignals(),
    fatal: undefined,
    lastChosen: undefined,
    stopped: false,
    continued: new WaitQueue(),
  }),
  exit: ({ pending }) => pending.clear(),
});

/** The signals that a task blocks now. */
export function signalMask(task: Task): SignalSet {
  return task.get(taskSignals).blocked;
}

/**
 * Blocks these signals, SIGKILL and SIGSTOP excepted; what that unblocks is delivered before the task goes on, and what it
 * does not want any more is another thread's.
 */
export function setSignalMask(task: Task, mask: SignalSet, signals = task.get(taskSignals)): void {
  const before = signals.blocked;
  const blocked = mask.minus(UNBLOCKABLE);
  signals.blocked = blocked;
  if (hasDeliverableSignal(task, signals)) task.interruptSleep();
  if (task.process.tasks.size > 1) passOn(task, blocked.minus(before));
}

/**
 * A thread will not take these signals, though it may have been chosen for them: other threads that can are told
 * (retarget_shared_pending of Linux kernel/signal.c).
 */
export function passOn(task: Task, which: SignalSet): void {
  const { process } = task;
  if (process.tasks.size < 2) return;
  let left = process.get(processSignals).pending.set.intersection(which);
  for (const other of process.tasks) {
    if (left.isEmpty) return;
    const { blocked } = other.get(taskSignals);
    if (other === task || left.minus(blocked).isEmpty) continue;
    other.interruptSleep();
    left = left.intersection(blocked);
  }
}

/**
 * Blocks these signals for the duration of a call such as ppoll(2). (set_user_sigmask)
 *
 * When the call is over it says so to {@link endTemporaryMask}.
 */
export function setTemporaryMask(task: Task, mask: SignalSet): void {
  const signals = task.get(taskSignals);
  signals.saved ??= signals.blocked;
  setSignalMask(task, mask);
}

/**
 * Ends what {@link setTemporaryMask} began. A call that a signal interrupted leaves the mask: the signal must still get
 * through, and the handler's frame holds the mask to go back to. (restore_saved_sigmask_unless)
 */
export function endTemporaryMask(task: Task, interrupted: boolean): void {
  if (interrupted) task.workPending = true;
  else restoreSavedMask(task);
}

/** Puts the mask back that a call has changed for its duration, if one has. */
export function restoreSavedMask(task: Task, signals = task.get(taskSignals)): void {
  const { saved } = signals;
  if (saved === undefined) return;
  signals.saved = undefined;
  setSignalMask(task, saved, signals);
}

/** The mask that a handler's frame must restore: that from before a call such as sigsuspend. (sigmask_to_save) */
export function maskToSave({ saved, blocked }: TaskSignals): SignalSet {
  return saved ?? blocked;
}

/** Signals that wait for a task, its own and its process's, blocked or not. */
export function pendingSignals(task: Task): SignalSet {
  return task.get(taskSignals).pending.set.union(task.process.get(processSignals).pending.set);
}

/** The same, kept apart by who may take them. */
export function pendingOf(task: Task): { readonly own: SignalSet; readonly shared: SignalSet } {
  return { own: task.get(taskSignals).pending.set, shared: task.process.get(processSignals).pending.set };
}

/** Whether a signal would interrupt the task: one waits that it does not block. */
export function hasDeliverableSignal(task: Task, { pending, blocked } = task.get(taskSignals)): boolean {
  return !pending.set.isWithin(blocked) || !task.process.get(processSignals).pending.set.isWithin(blocked);
}

/** Whether a stop signal holds a process. */
export function isStopped(process: Process): boolean {
  return process.get(processSignals).stopped;
}

const arrivals = perKernel(() => new WaitQueue());

/**
 * Woken for each signal that arrives anywhere, blocked or not: readers of signalfd(2) look there. It is one queue for all
 * processes, since a descriptor that is inherited tells each reader of its own signals.
 */
export function signalArrivals(kernel: Kernel): WaitQueue {
  return kernel.get(arrivals);
}
