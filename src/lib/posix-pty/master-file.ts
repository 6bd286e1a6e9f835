import { EINVAL, EIO, Errno } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import { IOCTL } from "../../abi/ioctl.ts";
import { isSignal, SIG } from "../../abi/signal.ts";
import type { GuestPtr } from "../../abi/types.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { Process } from "../../kernel/process.ts";
import type { Task } from "../../kernel/task.ts";
import { type Answer, isBlocking } from "../../kernel/wait.ts";
import { installFd } from "../posix-fdtab/index.ts";
import { jobControlIoctl, openNumber, removeTerminal, terminalIoctl } from "../posix-tty/index.ts";
import { fsContext, LocatedFile, type Location, Walk } from "../vfs/index.ts";
import type { PseudoTerminal } from "./pseudo-terminal.ts";

/** The master of a pseudo-terminal: every open of /dev/ptmx makes another one. */
export class MasterFile extends LocatedFile {
  private readonly pty: PseudoTerminal;

  constructor(process: Process, location: Location, flags: number, pty: PseudoTerminal) {
    super(process, location, flags, pty.readiness);
    this.pty = pty;
  }

  override get signalsReadiness(): boolean {
    return true;
  }

  override read(_task: Task, into: Uint8Array): Answer {
    return into.length === 0 ? 0 : this.pty.readScreen(into);
  }

  override write(_task: Task, from: Uint8Array): Answer {
    return from.length === 0 ? 0 : this.pty.type(from);
  }

  override poll(): number {
    return this.pty.poll();
  }

  /** ioctl_tty(2): what is not of the master itself is of its terminal. */
  override ioctl(task: Task, request: number, argument: number): Answer {
    const { pty } = this;
    const { terminal } = pty;
    const at = argument as GuestPtr;
    switch (request) {
      case IOCTL.TIOCGPTN:
        return task.mm.writeU32(at, terminal.number);
      case IOCTL.TIOCGPTLCK:
        return task.mm.writeU32(at, pty.locked ? 1 : 0);
      case IOCTL.TIOCSPTLCK:
        return setLock(task, pty, at);
      case IOCTL.TIOCGPTPEER:
        return openPeer(task, pty, argument);
      case IOCTL.TIOCSIG:
        return sendSignal(pty, argument);
      case IOCTL.FIONREAD:
        return task.mm.writeU32(at, pty.unread);
      default:
        return (
          jobControlIoctl(task, { terminal, isMaster: true, readable: true }, request, argument) ??
          terminalIoctl(task, terminal, request, argument)
        );
    }
  }

  protected override released(): void {
    removeTerminal(this.pty.terminal);
    this.pty.closeMaster();
    super.released();
  }
}

function setLock(task: Task, pty: PseudoTerminal, at: GuestPtr): Answer {
  const value = task.mm.readU32(at);
  if (value instanceof Errno) return value;
  pty.locked = value !== 0;
  return 0;
}

/** Opens the terminal without a look at its path, which may lead elsewhere in this mount namespace. */
function openPeer(task: Task, { terminal }: PseudoTerminal, flags: number): Answer {
  const { process } = task;
  const { root } = process.get(fsContext);
  const place = new Walk(process, root, root, `/dev/pts/${terminal.number}` as ByteString).run();
  if (isBlocking(place) || place instanceof Errno) return EIO;
  const file = openNumber(task, terminal.number, place, flags & ~O.CLOEXEC);
  return file instanceof Errno ? file : installFd(process, file, flags & O.CLOEXEC);
}

/** Sends a signal to the foreground as its key would, though only those that have keys (TIOCSIG). */
function sendSignal({ terminal }: PseudoTerminal, signo: number): Answer {
  if (!isSignal(signo) || !(signo === SIG.INT || signo === SIG.QUIT || signo === SIG.TSTP)) return EINVAL;
  terminal.signal(signo);
  return 0;
}
