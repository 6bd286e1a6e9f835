/** Parents, children and zombies (exit_notify and forget_original_parent of Linux kernel/exit.c). */
import type { Process } from "../../kernel/process.ts";
import { perProcess } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import { WaitQueue } from "../../kernel/wait.ts";
import { childUsage, isSubreaper, jobControlOf } from "../posix-process/index.ts";
import type { StateChange } from "../posix-signal/index.ts";
import type { ChildChange } from "./child-change.ts";
import { disownsChildren, signalOrphan, signalParent } from "./child-signals.ts";

export interface Family {
  readonly children: Set<Process>;
  /** What the parent is sent at its end; 0 is nothing. */
  exitSignal: number;
  /** The last stop or continuation that nobody has waited for. */
  news: StateChange | undefined;
  /** Woken when a child changes. */
  readonly changes: WaitQueue;
  /** Whether the process has let go of the address space that it began in: it executed a program, or ended. */
  departed: boolean;
  /** Woken then: a parent in vfork(2) waits for that. */
  readonly departure: WaitQueue;
}

const slot = perProcess<Family>(() => ({
  children: new Set(),
  exitSignal: 0,
  news: undefined,
  changes: new WaitQueue(),
  departed: false,
  departure: new WaitQueue(),
}));

export function familyOf(process: Process): Family {
  return process.get(slot);
}

/** Makes a process a child of another. */
export function becomeChild(child: Process, parent: Process, exitSignal: number): void {
  jobControlOf(child).parent = parent;
  familyOf(child).exitSignal = exitSignal;
  familyOf(parent).children.add(child);
}

/** Tells a parent that a child was stopped or goes on. */
export function reportState(process: Process, change: StateChange): void {
  familyOf(process).news = change;
  const { parent } = jobControlOf(process);
  if (parent !== undefined) tell(parent, process, change);
}

/** A task lets go of its address space: whoever lent it by vfork(2) goes on. */
export function endVfork({ tid, process }: Task): void {
  if (tid !== (process.pid as number)) return;
  const family = familyOf(process);
  family.departed = true;
  family.departure.wake();
}

/** Handles the end of a process. Answers whether it stays as a zombie, for its parent to wait for. */
export function leaveFamily(process: Process): boolean {
  abandonChildren(process);
  return announceEnd(process);
}

/** The parent has waited for a zombie: its time counts as the parent's, and it is gone. */
export function reapChild(parent: Process, child: Process): void {
  const used = parent.get(childUsage);
  const inherited = child.get(childUsage);
  used.cpuNs += child.cpuNs + inherited.cpuNs;
  used.peakBytes = Math.max(used.peakBytes, child.mm.usage.peak, inherited.peakBytes);
  forget(child);
}

/** Whether the zombie stays. */
function announceEnd(process: Process): boolean {
  const { parent } = jobControlOf(process);
  if (parent === undefined) return false;
  const disowned = disownsChildren(parent);
  tell(parent, process, { kind: "ended", status: process.exitStatus! });
  if (disowned) forget(process);
  return !disowned;
}

/** Orphans go to the nearest living ancestor that asked for them, else to the first process (find_new_reaper). */
function abandonChildren(process: Process): void {
  const { children } = familyOf(process);
  if (children.size === 0) return;
  const adopter = findAdopter(process);
  for (const child of children) {
    jobControlOf(child).parent = adopter;
    signalOrphan(child);
    if (adopter !== undefined) {
      familyOf(adopter).children.add(child);
      if (child.ended) announceEnd(child);
    } else if (child.ended) process.kernel.reap(child);
  }
  children.clear();
}

function findAdopter(process: Process): Process | undefined {
  for (let at = jobControlOf(process).parent; at !== undefined; at = jobControlOf(at).parent) {
    if (!at.ended && isSubreaper(at)) return at;
  }
  return process.kernel.init;
}

function tell(parent: Process, child: Process, change: ChildChange): void {
  signalParent(parent, child, change, familyOf(child).exitSignal);
  familyOf(parent).changes.wake();
}

function forget(process: Process): void {
  const { parent } = jobControlOf(process);
  if (parent !== undefined) familyOf(parent).children.delete(process);
  process.kernel.reap(process);
}
