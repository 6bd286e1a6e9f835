import { EIO, ENOTTY } from "../../abi/errno.ts";
import { IOCTL } from "../../abi/ioctl.ts";
import { SIG } from "../../abi/signal.ts";
import { L } from "../../abi/termios.ts";
import type { Process } from "../../kernel/process.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { LocatedFile, type Location } from "../vfs/index.ts";
import { checkForeground } from "./job-control.ts";
import { jobControlIoctl } from "./job-control-ioctl.ts";
import type { Terminal } from "./terminal.ts";
import { terminalIoctl } from "./terminal-ioctl.ts";

/** An open file of the terminal; all of them are the same terminal. */
export class TerminalFile extends LocatedFile {
  readonly terminal: Terminal;
  private readonly closed: () => void;

  /** @param closed - called when the file is closed for good. */
  constructor(process: Process, location: Location, flags: number, terminal: Terminal, closed = (): void => {}) {
    super(process, location, flags, terminal.readiness);
    this.terminal = terminal;
    this.closed = closed;
  }

  override get signalsReadiness(): boolean {
    return true;
  }

  override read(task: Task, into: Uint8Array): Answer {
    const { terminal } = this;
    if (terminal.hungUp) return 0;
    const refused = checkForeground(task, terminal, SIG.TTIN);
    if (refused !== 0) return refused;
    return into.length === 0 ? 0 : terminal.read(into, this.nonBlocking);
  }

  override readDeadline() {
    return this.terminal.readDeadline();
  }

  override write(task: Task, from: Uint8Array): Answer {
    const { terminal } = this;
    if (terminal.hungUp) return EIO;
    const held = terminal.termios.lflag & L.TOSTOP ? checkForeground(task, terminal, SIG.TTOU) : 0;
    if (held !== 0) return held;
    return from.length === 0 ? 0 : terminal.write(from);
  }

  override poll(): number {
    return this.terminal.poll();
  }

  protected override released(): void {
    this.closed();
    super.released();
  }

  /** Of one that is hung up nothing is left (hung_up_tty_ioctl). */
  override ioctl(task: Task, request: number, argument: number): Answer {
    const { terminal } = this;
    if (terminal.hungUp) return request === IOCTL.TIOCSPGRP ? ENOTTY : EIO;
    const line = { terminal, isMaster: false, readable: this.readable };
    return jobControlIoctl(task, line, request, argument) ?? terminalIoctl(task, terminal, request, argument);
  }
}
