import type { Pgid, Pid, Sid } from "../../abi/types.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { ExtensionPoint } from "../../kernel/library.ts";
import type { Process } from "../../kernel/process.ts";
import { perProcess } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";

/** Where a process stands among others: parent, process group and session (credentials(7)). */
export interface JobControl {
  /** Undefined for the first process of a machine, whose parent is outside. */
  parent: Process | undefined;
  /** The thread whose child it is: the one that made it, else another one of the parent. */
  maker: Task | undefined;
  pgid: Pgid;
  sid: Sid;
  /** Whether it made its session. */
  leader: boolean;
  /** Whether it has executed a program since it was forked; its parent may then no longer move it to a group. */
  executed: boolean;
}

const slot = perProcess<JobControl>({
  // A program that a machine starts leads a session of its own, as the first one of a container does.
  create: ({ pid }) => ({
    parent: undefined,
    maker: undefined,
    pgid: pid as number as Pgid,
    sid: pid as number as Sid,
    leader: true,
    executed: true,
  }),
  fork: (parent) => ({ ...parent, leader: false, executed: false }),
  exec(value) {
    value.executed = true;
    return value;
  },
});

/** Makes a program that the machine starts lead its session, before it has children who inherit that. */
export function startSession(process: Process): undefined {
  jobControlOf(process);
}

export function jobControlOf(process: Process): JobControl {
  return process.get(slot);
}

/** What a process tells of the terminal that controls it: its device, and which group has the keyboard. */
export const terminalOf = new ExtensionPoint<
  (process: Process) => { readonly device: number; readonly foreground: Pgid | undefined } | undefined
>("terminalOf");

/** The id of the parent; 0 if that is outside of the machine. */
export function parentPid(process: Process): Pid {
  return jobControlOf(process).parent?.pid ?? (0 as Pid);
}

/** Whether an id names a group or a session that still has members, zombies too. */
export function isGroupOrSession(kernel: Kernel, id: number): boolean {
  return [...kernel.processes.values()].some((process) => {
    const { pgid, sid } = jobControlOf(process);
    return (pgid as number) === id || (sid as number) === id;
  });
}

/** The children of a thread, zombies too. */
export function childrenOf(task: Task): readonly Process[] {
  return [...task.kernel.processes.values()].filter((process) => jobControlOf(process).maker === task);
}

/** The processes of a group; none if there is no such group. */
export function groupMembers(kernel: Kernel, pgid: Pgid): readonly Process[] {
  return [...kernel.processes.values()].filter((process) => jobControlOf(process).pgid === pgid);
}

/**
 * Whether no member of the group has a parent in the same session but another group, who could continue it: then stop
 * signals of the terminal do nothing. (will_become_orphaned_pgrp of Linux kernel/exit.c)
 */
export function isOrphanedGroup(kernel: Kernel, pgid: Pgid): boolean {
  return groupMembers(kernel, pgid).every((process) => {
    const { parent, sid } = jobControlOf(process);
    if (process.ended || parent === undefined) return true;
    const above = jobControlOf(parent);
    return above.pgid === pgid || above.sid !== sid;
  });
}
