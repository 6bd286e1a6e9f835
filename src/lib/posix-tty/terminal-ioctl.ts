/** ioctl_tty(2): settings, size and queues of a terminal, through itself or its master (drivers/tty/tty_ioctl.c). */
import { CAP } from "../../abi/capability.ts";
import { EFAULT, EINVAL, EIO, ENOTTY, Errno } from "../../abi/errno.ts";
import { IOCTL } from "../../abi/ioctl.ts";
import { SIG } from "../../abi/signal.ts";
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
import type { GuestPtr } from "../../abi/types.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { hasCapability } from "../posix-user/index.ts";
import { checkForeground } from "./job-control.ts";
import type { Terminal } from "./terminal.ts";

/** Requests that change the terminal: those in the background are held by SIGTTOU. */
const CHANGES: ReadonlySet<number> = new Set([
  IOCTL.TCSETS,
  IOCTL.TCSETSW,
  IOCTL.TCSETSF,
  IOCTL.TCSETS2,
  IOCTL.TCSETSW2,
  IOCTL.TCSETSF2,
  IOCTL.TCFLSH,
  IOCTL.TCXONC,
  IOCTL.TCSBRK,
  IOCTL.TCSBRKP,
]);

export function terminalIoctl(task: Task, terminal: Terminal, request: number, argument: number): Answer {
  const at = argument as GuestPtr;
  const held = CHANGES.has(request) ? checkForeground(task, terminal, SIG.TTOU) : 0;
  if (held !== 0) return held;
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
    case IOCTL.TIOCEXCL:
    case IOCTL.TIOCNXCL:
      terminal.exclusive = request === IOCTL.TIOCEXCL;
      return 0;
    case IOCTL.TIOCGEXCL:
      return task.mm.writeU32(at, terminal.exclusive ? 1 : 0);
    // Pretending to type is a way into other programs: it can be switched off, and is (dev.tty.legacy_tiocsti).
    case IOCTL.TIOCSTI:
      return hasCapability(task.process, CAP.SYS_ADMIN) ? type(task, terminal, at) : EIO;
    default:
      return ENOTTY;
  }
}

function type(task: Task, terminal: Terminal, at: GuestPtr): Answer {
  const byte = task.mm.read(at, 1);
  if (byte instanceof Errno) return byte;
  terminal.type(byte);
  return 0;
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
