import { EFAULT, EINVAL, EIO, ENOTTY, EPERM, Errno, ESRCH } from "../../abi/errno.ts";
import { IOCTL } from "../../abi/ioctl.ts";
import {
  C,
  FLOW,
  FLUSH,
  type Termios,
  termios2Layout,
  termiosLayout,
  V,
  type Winsize,
  winsizeLayout,
} from "../../abi/termios.ts";
import type { GuestPtr, Pgid } from "../../abi/types.ts";
import type { Process } from "../../kernel/process.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { groupMembers, jobControlOf } from "../posix-process/index.ts";
import { LocatedFile, type Location } from "../vfs/index.ts";
import type { Terminal } from "./terminal.ts";

/** An open file of the terminal; all of them are the same terminal. */
export class TerminalFile extends LocatedFile {
  readonly terminal: Terminal;

  constructor(process: Process, location: Location, flags: number, terminal: Terminal) {
    super(process, location, flags, terminal.readiness);
    this.terminal = terminal;
  }

  override read(_task: Task, into: Uint8Array): Answer {
    return into.length === 0 ? 0 : this.terminal.read(into, this.nonBlocking);
  }

  override readDeadline() {
    return this.terminal.readDeadline();
  }

  override write(_task: Task, from: Uint8Array): Answer {
    return from.length === 0 ? 0 : this.terminal.write(from);
  }

  override poll(): number {
    return this.terminal.poll();
  }

  /** ioctl_tty(2). */
  override ioctl(task: Task, request: number, argument: number): Answer {
    const { terminal } = this;
    const at = argument as GuestPtr;
    switch (request) {
      case IOCTL.TCGETS:
        return task.mm.writeStruct(at as GuestPtr<Termios>, termiosLayout, terminal.termios);
      case IOCTL.TCGETS2:
        return task.mm.writeStruct(at as GuestPtr<Termios>, termios2Layout, terminal.termios);
      case IOCTL.TCSETS:
      case IOCTL.TCSETSW:
      case IOCTL.TCSETSF:
        return setTermios(task, terminal, at, request === IOCTL.TCSETSF, false);
      case IOCTL.TCSETS2:
      case IOCTL.TCSETSW2:
      case IOCTL.TCSETSF2:
        return setTermios(task, terminal, at, request === IOCTL.TCSETSF2, true);
      case IOCTL.TIOCGWINSZ:
        return task.mm.writeStruct(at as GuestPtr<Winsize>, winsizeLayout, terminal.winsize);
      case IOCTL.TIOCSWINSZ:
        return setWinsize(task, terminal, at);
      case IOCTL.FIONREAD:
        return task.mm.writeU32(at, terminal.available);
      case IOCTL.TIOCOUTQ:
        return task.mm.writeU32(at, 0);
      case IOCTL.TIOCGETD:
        return task.mm.writeU32(at, N_TTY);
      case IOCTL.TCFLSH:
        return flush(terminal, argument);
      case IOCTL.TCXONC:
        return flow(terminal, argument);
      // A break has no meaning on a terminal that is no serial line, and what was written has left already.
      case IOCTL.TCSBRK:
      case IOCTL.TCSBRKP:
        return 0;
      default:
        return jobControl(task, terminal, request, at);
    }
  }
}

const N_TTY = 0;

function setTermios(task: Task, terminal: Terminal, at: GuestPtr, flushes: boolean, speeds: boolean): Answer {
  const wanted = speeds
    ? task.mm.readStruct(at as GuestPtr<Termios>, termios2Layout)
    : task.mm.readStruct(at as GuestPtr<Termios>, termiosLayout);
  if (wanted instanceof Errno) return wanted;
  if (flushes) terminal.flushInput();
  const { ispeed, ospeed, cflag } = { ...terminal.termios, ...wanted };
  // Character size and parity are those of a terminal that has no line (tty_termios_hw_change).
  terminal.setTermios({ ...wanted, cflag: (cflag & ~C.CSIZE) | C.CS8 | C.CREAD, line: N_TTY, ispeed, ospeed });
  return 0;
}

function setWinsize(task: Task, terminal: Terminal, at: GuestPtr): Answer {
  const size = task.mm.readStruct(at as GuestPtr<Winsize>, winsizeLayout);
  if (size instanceof Errno) return EFAULT;
  terminal.resize(size);
  return 0;
}

function flush(terminal: Terminal, which: number): Answer {
  if (which !== FLUSH.INPUT && which !== FLUSH.OUTPUT && which !== FLUSH.BOTH) return EINVAL;
  if (which !== FLUSH.OUTPUT) terminal.flushInput();
  return 0;
}

function flow(terminal: Terminal, action: number): Answer {
  switch (action) {
    case FLOW.OUTPUT_OFF:
      terminal.stop();
      return 0;
    case FLOW.OUTPUT_ON:
      terminal.resume();
      return 0;
    case FLOW.INPUT_OFF:
      terminal.sendControl(V.STOP);
      return 0;
    case FLOW.INPUT_ON:
      terminal.sendControl(V.START);
      return 0;
    default:
      return EINVAL;
  }
}

/** Sessions and foreground groups (drivers/tty/tty_jobctrl.c). */
function jobControl(task: Task, terminal: Terminal, request: number, at: GuestPtr): Answer {
  const job = jobControlOf(task.process);
  const controls = job.sid === terminal.session;
  switch (request) {
    case IOCTL.TIOCGPGRP:
      return controls ? task.mm.writeU32(at, terminal.foreground) : ENOTTY;
    case IOCTL.TIOCSPGRP:
      return controls ? setForeground(task, terminal, at) : ENOTTY;
    case IOCTL.TIOCGSID:
      return controls ? task.mm.writeU32(at, terminal.session) : ENOTTY;
    case IOCTL.TIOCSCTTY:
      // It is this session's already, or another's from which only root could steal it.
      return controls ? 0 : EPERM;
    case IOCTL.TIOCSTI:
      return EIO;
    default:
      return ENOTTY;
  }
}

function setForeground(task: Task, terminal: Terminal, at: GuestPtr): Answer {
  const value = task.mm.readU32(at);
  if (value instanceof Errno) return value;
  const pgid = (value | 0) as Pgid;
  if (pgid < 0) return EINVAL;
  const members = groupMembers(task.kernel, pgid);
  if (members.length === 0) return ESRCH;
  if (members.every((process) => jobControlOf(process).sid !== terminal.session)) return EPERM;
  terminal.foreground = pgid;
  return 0;
}
