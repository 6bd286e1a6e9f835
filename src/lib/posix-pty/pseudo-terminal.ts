import { EAGAIN, EIO, type Result } from "../../abi/errno.ts";
import { POLL, POLL_READABLE, POLL_WRITABLE } from "../../abi/poll.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { WaitQueue } from "../../kernel/wait.ts";
import { freeNumber, Terminal, type TerminalLine, type TerminalPeer } from "../posix-tty/index.ts";
import { ByteQueue } from "./byte-queue.ts";

/** As much as either direction holds before the writer has to wait. */
const LIMIT = 65536;

/** A terminal whose other end is a program: what that writes was typed, what it reads is the screen (pty(7)). */
export class PseudoTerminal implements TerminalLine, TerminalPeer {
  readonly terminal: Terminal;
  /** Woken when the master can read or write. */
  readonly readiness = new WaitQueue();
  /** The terminal cannot be opened before its master allows it (TIOCSPTLCK). */
  locked = true;
  private readonly typed = new ByteQueue();
  private readonly shown = new ByteQueue();
  /** How often the terminal is open; it has no other end while that is 0 again. */
  private users = 0;
  private abandoned = false;
  private masterClosed = false;

  constructor(kernel: Kernel) {
    this.terminal = new Terminal(kernel, freeNumber(kernel), this);
  }

  // For the terminal:

  read(maximum: number): Uint8Array | "empty" | "end" {
    if (this.masterClosed) return "end";
    const bytes = new Uint8Array(Math.min(maximum, this.typed.length));
    if (bytes.length === 0) return "empty";
    const wasFull = this.typed.length >= LIMIT;
    this.typed.take(bytes);
    if (wasFull) this.readiness.wake();
    return bytes;
  }

  write(bytes: Uint8Array): void {
    this.shown.add(bytes);
    this.readiness.wake();
  }

  get full(): boolean {
    return this.shown.length >= LIMIT;
  }

  opening(): Result<0> {
    if (this.locked) return EIO;
    this.users++;
    this.abandoned = false;
    this.readiness.wake();
    return 0;
  }

  closed(): void {
    if (--this.users > 0) return;
    this.abandoned = true;
    this.readiness.wake();
  }

  // For the master:

  /** What is on the screen; EIO once nobody has the terminal open any more. */
  readScreen(into: Uint8Array): Result<number> {
    if (this.shown.length === 0) return this.abandoned ? EIO : EAGAIN;
    const wasFull = this.full;
    const taken = this.shown.take(into);
    if (wasFull && !this.full) this.terminal.readiness.wake();
    return taken;
  }

  /** Types, as far as there is room. */
  type(keys: Uint8Array): Result<number> {
    const part = keys.slice(0, Math.max(0, LIMIT - this.typed.length));
    if (part.length === 0) return EAGAIN;
    this.typed.add(part);
    this.terminal.pump();
    return part.length;
  }

  /** Bytes on the screen that the master has not read. */
  get unread(): number {
    return this.shown.length;
  }

  poll(): number {
    const ready = (this.shown.length > 0 ? POLL_READABLE : 0) | (this.typed.length < LIMIT ? POLL_WRITABLE : 0);
    return this.abandoned ? ready | POLL.HUP : ready;
  }

  /** The master is closed: the terminal is hung up. */
  closeMaster(): void {
    this.masterClosed = true;
    this.terminal.pump();
  }
}
