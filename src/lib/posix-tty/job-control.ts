/** Which terminal controls a session, and what that does to its processes (drivers/tty/tty_jobctrl.c). */
import { CAP } from "../../abi/capability.ts";
import { EIO, EPERM, ERESTARTSYS, type Result } from "../../abi/errno.ts";
import { SI, SIG } from "../../abi/signal.ts";
import type { Pgid, Sid, Signo } from "../../abi/types.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Process } from "../../kernel/process.ts";
import { perProcess } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import { groupMembers, isOrphanedGroup, jobControlOf } from "../posix-process/index.ts";
import { actionOf, isIgnore, postSignal, signalMask } from "../posix-signal/index.ts";
import { hasCapability } from "../posix-user/index.ts";
import type { Terminal } from "./terminal.ts";

interface Control {
  /** What /dev/tty is for the process. */
  terminal: Terminal | undefined;
  /** Of a session's leader whose terminal was hung up: the group that had the keyboard (tty_old_pgrp). */
  lastForeground: Pgid | undefined;
}

const slot = perProcess<Control>({
  create: () => ({ terminal: undefined, lastForeground: undefined }),
  fork: ({ terminal }) => ({ terminal, lastForeground: undefined }),
});

export function controllingTerminal(process: Process): Terminal | undefined {
  return process.get(slot).terminal;
}

/** Whether a process reads and writes the terminal that controls it. */
export function isControlledBy(process: Process, terminal: Terminal): boolean {
  return controllingTerminal(process) === terminal;
}

/** Sends a signal of the kernel to all of a group. */
export function signalGroup(kernel: Kernel, pgid: Pgid, signo: Signo): void {
  for (const process of groupMembers(kernel, pgid)) signalProcess(process, signo);
}

function signalProcess(process: Process, signo: Signo): void {
  postSignal(process, { kind: "kill", signo, code: SI.KERNEL, pid: 0, uid: 0 });
}

function sessionOf(kernel: Kernel, sid: Sid): readonly Process[] {
  return [...kernel.processes.values()].filter((process) => jobControlOf(process).sid === sid);
}

/** Makes a terminal control the session that a process leads. (__proc_set_tty) */
export function takeTerminal(process: Process, terminal: Terminal): void {
  const { sid, pgid } = jobControlOf(process);
  terminal.session = sid;
  terminal.foreground = pgid;
  Object.assign(process.get(slot), { terminal, lastForeground: undefined } satisfies Control);
}

/** An open by the leader of a session that has no terminal, of one that has no session. (tty_open_proc_set_tty) */
export function takeByOpening(process: Process, terminal: Terminal): void {
  if (!jobControlOf(process).leader || controllingTerminal(process) !== undefined) return;
  if (terminal.session === undefined) takeTerminal(process, terminal);
}

/** TIOCSCTTY. `steals` takes it away from another session, which only root may. (tiocsctty) */
export function demandTerminal(process: Process, terminal: Terminal, readable: boolean, steals: boolean): Result<0> {
  const { leader, sid } = jobControlOf(process);
  const privileged = hasCapability(process, CAP.SYS_ADMIN);
  if (leader && terminal.session === sid) return 0;
  if (!leader || controllingTerminal(process) !== undefined) return EPERM;
  if (terminal.session !== undefined) {
    if (!steals || !privileged) return EPERM;
    freeSession(process.kernel, terminal.session);
  }
  if (!readable && !privileged) return EPERM;
  takeTerminal(process, terminal);
  return 0;
}

/** A process leaves its terminal: it made a session of its own, or used TIOCNOTTY. */
export function leaveTerminal(process: Process): void {
  process.get(slot).terminal = undefined;
}

/**
 * The leader of a session ends, or gives its terminal up: the foreground is told, and the session has none any more.
 * (disassociate_ctty)
 */
export function disassociate(process: Process, ending: boolean): void {
  const { leader, sid } = jobControlOf(process);
  if (!leader) return;
  const { kernel } = process;
  const { terminal, lastForeground } = process.get(slot);
  if (terminal !== undefined) {
    terminal.signal(SIG.HUP);
    if (!ending) terminal.signal(SIG.CONT);
    terminal.session = undefined;
    terminal.foreground = undefined;
  } else if (ending && lastForeground !== undefined) {
    signalGroup(kernel, lastForeground, SIG.HUP);
    signalGroup(kernel, lastForeground, SIG.CONT);
  }
  freeSession(kernel, sid);
}

/** Takes the terminal from all of a session. (session_clear_tty) */
function freeSession(kernel: Kernel, sid: Sid): void {
  for (const process of sessionOf(kernel, sid)) leaveTerminal(process);
}

/** The terminal is gone: its session has none, and the leader of that is told. (tty_signal_session_leader) */
export function loseTerminal(terminal: Terminal): void {
  const { kernel, session, foreground } = terminal;
  if (session === undefined) return;
  terminal.session = undefined;
  terminal.foreground = undefined;
  for (const process of sessionOf(kernel, session)) {
    if (isControlledBy(process, terminal)) leaveTerminal(process);
    if (!jobControlOf(process).leader) continue;
    process.get(slot).lastForeground = foreground;
    signalProcess(process, SIG.HUP);
    signalProcess(process, SIG.CONT);
  }
}

/**
 * Whether a task may use its terminal now, to read (SIGTTIN) or to change it (SIGTTOU): in the background its whole group is
 * stopped, and the call is made again afterwards. (__tty_check_change)
 *
 * @returns EIO for a reader that ignores the signal, or where nobody could continue the group.
 */
export function checkForeground(task: Task, terminal: Terminal, signo: typeof SIG.TTIN | typeof SIG.TTOU): Result<0> {
  const { process, kernel } = task;
  const { pgid } = jobControlOf(process);
  const { foreground } = terminal;
  if (!isControlledBy(process, terminal) || foreground === undefined || foreground === pgid) return 0;
  if (signalMask(task).has(signo) || isIgnore(actionOf(process, signo))) return signo === SIG.TTIN ? EIO : 0;
  if (isOrphanedGroup(kernel, pgid)) return EIO;
  signalGroup(kernel, pgid, signo);
  return ERESTARTSYS;
}
