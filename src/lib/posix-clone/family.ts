/** Parents, children and zombies (exit_notify and forget_original_parent of Linux kernel/exit.c). */
import { SI, SIG } from "../../abi/signal.ts";
import type { Process } from "../../kernel/process.ts";
import { perProcess } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import { WaitQueue } from "../../kernel/wait.ts";
import { childUsage, groupMembers, isOrphanedGroup, isSubreaper, jobControlOf } from "../posix-process/index.ts";
import { isStopped, postSignal, type StateChange } from "../posix-signal/index.ts";
import type { ChildChange } from "./child-change.ts";
import { disownsChild, signalOrphan, signalParent } from "./child-signals.ts";

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

const slot = perProcess<Family>({
  create: () => ({
    children: new Set(),
    exitSignal: 0,
    news: undefined,
    changes: new WaitQueue(),
    departed: false,
    departure: new WaitQueue(),
  }),
  // Whoever executes a program cannot surprise its parent with another signal (begin_new_exec).
  exec: (family) => Object.assign(family, { exitSignal: SIG.CHLD }),
});

export function familyOf(process: Process): Family {
  return process.get(slot);
}

/** Makes a process a child of a thread. */
export function becomeChild(child: Process, maker: Task, exitSignal: number): void {
  const { process: parent } = maker;
  Object.assign(jobControlOf(child), { parent, maker });
  familyOf(child).exitSignal = exitSignal;
  familyOf(parent).children.add(child);
}

/** A thread has ended: another one of its process takes over its children, who are told as if they were orphans. */
export function handOver(task: Task): void {
  const { process } = task;
  if (process.ended) return;
  const heir = [...process.tasks].find((other) => other !== task);
  for (const child of familyOf(process).children) {
    const job = jobControlOf(child);
    if (job.maker !== task) continue;
    job.maker = heir;
    signalOrphan(child);
  }
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
  const { parent } = jobControlOf(process);
  if (parent !== undefined) wakeOrphanedGroup(process, parent);
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
  const disowned = disownsChild(parent, familyOf(process).exitSignal);
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
    Object.assign(jobControlOf(child), { parent: adopter, maker: adopter?.tasks.values().next().value });
    // Who adopts a child hears of its end by SIGCHLD, whatever its parent had asked for (reparent_leader).
    familyOf(child).exitSignal = SIG.CHLD;
    signalOrphan(child);
    if (adopter !== undefined) {
      familyOf(adopter).children.add(child);
      if (child.ended) announceEnd(child);
    } else if (child.ended) process.kernel.reap(child);
    wakeOrphanedGroup(child, process);
  }
  children.clear();
}

/**
 * Once nobody of the session is left who could continue a group's stopped members, they get SIGHUP and SIGCONT: the process is
 * one of them, and the parent was the last link. (kill_orphaned_pgrp)
 */
function wakeOrphanedGroup(process: Process, parent: Process): void {
  const { kernel } = process;
  const { pgid, sid } = jobControlOf(process);
  const above = jobControlOf(parent);
  if (above.pgid === pgid || above.sid !== sid || !isOrphanedGroup(kernel, pgid)) return;
  const members = groupMembers(kernel, pgid);
  if (!members.some(isStopped)) return;
  for (const signo of [SIG.HUP, SIG.CONT]) {
    for (const member of members) postSignal(member, { kind: "kill", signo, code: SI.KERNEL, pid: 0, uid: 0 });
  }
}

function findAdopter(process: Process): Process | undefined {
  for (let at = jobControlOf(process).parent; at !== undefined; at = jobControlOf(at).parent) {
    if (!at.ended && isSubreaper(at)) return at;
  }
  return process.kernel.init;
}

/** Who waits is woken before the signal: it finds the child, and only then is interrupted. */
function tell(parent: Process, child: Process, change: ChildChange): void {
  familyOf(parent).changes.wake();
  signalParent(parent, child, change, familyOf(child).exitSignal);
}

function forget(process: Process): void {
  const { parent } = jobControlOf(process);
  if (parent !== undefined) familyOf(parent).children.delete(process);
  process.kernel.reap(process);
}
