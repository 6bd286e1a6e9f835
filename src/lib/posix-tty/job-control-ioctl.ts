/** ioctl_tty(2): sessions and foreground groups (drivers/tty/tty_jobctrl.c). */
import { EINVAL, EIO, ENOTTY, EPERM, Errno, ESRCH } from "../../abi/errno.ts";
import { IOCTL } from "../../abi/ioctl.ts";
import { SIG } from "../../abi/signal.ts";
import type { GuestPtr, Pgid } from "../../abi/types.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { groupMembers, jobControlOf } from "../posix-process/index.ts";
import { checkForeground, demandTerminal, disassociate, isControlledBy, leaveTerminal } from "./job-control.ts";
import type { Terminal } from "./terminal.ts";

/** The terminal that a request is about, and the file through which it came. */
interface Line {
  readonly terminal: Terminal;
  /** Through the master of a pseudo-terminal, which need not control whoever asks. */
  readonly isMaster: boolean;
  readonly readable: boolean;
}

/** Answers undefined to a request that is of another kind. */
export function jobControlIoctl(task: Task, line: Line, request: number, argument: number): Answer | undefined {
  const { terminal, isMaster, readable } = line;
  const { process } = task;
  const at = argument as GuestPtr;
  const asks = isMaster || isControlledBy(process, terminal);
  switch (request) {
    case IOCTL.TIOCGPGRP:
      return asks ? task.mm.writeU32(at, terminal.foreground ?? 0) : ENOTTY;
    case IOCTL.TIOCGSID:
      return asks && terminal.session !== undefined ? task.mm.writeU32(at, terminal.session) : ENOTTY;
    case IOCTL.TIOCSPGRP:
      return setForeground(task, terminal, at);
    case IOCTL.TIOCSCTTY:
      return demandTerminal(process, terminal, readable, argument === 1);
    case IOCTL.TIOCNOTTY:
      if (isMaster || !isControlledBy(process, terminal)) return ENOTTY;
      disassociate(process, false);
      leaveTerminal(process);
      return 0;
    default:
      return undefined;
  }
}

function setForeground(task: Task, terminal: Terminal, at: GuestPtr): Answer {
  const held = checkForeground(task, terminal, SIG.TTOU);
  if (held !== 0) return held === EIO ? ENOTTY : held;
  const value = task.mm.readU32(at);
  if (value instanceof Errno) return value;
  const pgid = (value | 0) as Pgid;
  if (pgid < 0) return EINVAL;
  const { sid } = jobControlOf(task.process);
  if (!isControlledBy(task.process, terminal) || terminal.session !== sid) return ENOTTY;
  // An id that names no group but a process counts as that process's session.
  const member = groupMembers(task.kernel, pgid)[0] ?? task.kernel.processOf(pgid);
  if (member === undefined) return ESRCH;
  if (jobControlOf(member).sid !== sid) return EPERM;
  terminal.foreground = pgid;
  return 0;
}
