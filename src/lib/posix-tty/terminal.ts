/** A terminal: a line, behind the line discipline that a program expects (termios(3); N_TTY in drivers/tty/n_tty.c). */
import { EAGAIN, EIO, type Result } from "../../abi/errno.ts";
import { POLL, POLL_READABLE, POLL_WRITABLE } from "../../abi/poll.ts";
import { SIG } from "../../abi/signal.ts";
import { I, L, STANDARD_TERMIOS, type Termios, V, type Winsize } from "../../abi/termios.ts";
import type { Instant, Pgid, Sid, Signo } from "../../abi/types.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { WaitQueue } from "../../kernel/wait.ts";
import { InputQueue } from "./input-queue.ts";
import { loseTerminal, signalGroup } from "./job-control.ts";
import type { TerminalLine } from "./line.ts";
import { LineEditor } from "./line-editor.ts";
import { CARET, echoForm, OutputProcessor } from "./output.ts";

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BACKSPACE = 0x08;
const BELL = 0x07;
/** A character that is switched off (_POSIX_VDISABLE). */
const DISABLED = 0;
const CHUNK = 4096;
const DECISECOND_NS = 100_000_000;

export class Terminal {
  termios: Termios = STANDARD_TERMIOS;
  winsize: Winsize = { rows: 0, columns: 0, xpixels: 0, ypixels: 0 };
  /** The session that it controls, and the group of it that has the keyboard. */
  session: Sid | undefined;
  foreground: Pgid | undefined;
  /** Set by TIOCEXCL: nobody but root may open it. */
  exclusive = false;
  /** The number of its device below major 136, and its name in /dev/pts. */
  readonly number: number;
  readonly readiness = new WaitQueue();
  readonly kernel: Kernel;
  private readonly line: TerminalLine;
  private readonly output = new OutputProcessor();
  private readonly editor = new LineEditor(this.output);
  private readonly input = new InputQueue();
  /** Output is held, by VSTOP or tcflow(3). */
  private stopped = false;
  /** The next character is taken as it is (VLNEXT). */
  private literal = false;
  private ended = false;
  private lastInput: Instant;
  private readStarted: Instant | undefined;

  constructor(kernel: Kernel, number: number, line: TerminalLine) {
    this.kernel = kernel;
    this.number = number;
    this.line = line;
    this.lastInput = kernel.now();
  }

  /** Whether the line is gone: then it can only be read to its end. */
  get hungUp(): boolean {
    return this.ended;
  }

  /** What a read gets now: EAGAIN if it must wait. */
  read(into: Uint8Array, nonBlocking: boolean): Result<number> {
    this.pump();
    const answer = this.termios.lflag & L.ICANON ? this.readLine(into) : this.readRaw(into, nonBlocking);
    if (answer === EAGAIN) this.readStarted ??= this.kernel.now();
    else {
      this.readStarted = undefined;
      this.pump();
    }
    return answer;
  }

  /** When a waiting reader must look again, by VTIME. */
  readDeadline(): Instant | undefined {
    const { lflag, cc } = this.termios;
    const timeNs = cc[V.TIME]! * DECISECOND_NS;
    if (lflag & L.ICANON || timeNs === 0) return undefined;
    if (cc[V.MIN] === 0) return ((this.readStarted ?? this.kernel.now()) + timeNs) as Instant;
    return this.input.length === 0 ? undefined : ((this.lastInput + timeNs) as Instant);
  }

  private readLine(into: Uint8Array): Result<number> {
    if (this.input.hasLine) return this.input.readLine(into);
    return this.ended ? 0 : EAGAIN;
  }

  private readRaw(into: Uint8Array, nonBlocking: boolean): Result<number> {
    const { input } = this;
    const minimum = this.termios.cc[V.MIN]!;
    const timed = this.termios.cc[V.TIME]! > 0;
    const deadline = this.readDeadline();
    const expired = deadline !== undefined && deadline <= this.kernel.now();
    const enough = input.length >= Math.min(Math.max(minimum, 1), into.length);
    if (enough || (input.length > 0 && (expired || nonBlocking))) return input.read(into);
    if (this.ended || (minimum === 0 && (!timed || expired))) return 0;
    return EAGAIN;
  }

  /** Writes as much as the line takes now. */
  write(bytes: Uint8Array): Result<number> {
    if (this.ended) return EIO;
    if (this.stopped || this.line.full) return EAGAIN;
    const part = bytes.subarray(0, CHUNK);
    const out: number[] = [];
    for (const byte of part) this.output.put(byte, this.termios, out);
    this.line.write(Uint8Array.from(out));
    return part.length;
  }

  poll(): number {
    this.pump();
    if (this.ended) return POLL_READABLE | POLL_WRITABLE | POLL.ERR | POLL.HUP;
    const { lflag, cc } = this.termios;
    const enough = cc[V.TIME] === 0 ? Math.max(cc[V.MIN]!, 1) : 1;
    const readable = lflag & L.ICANON ? this.input.hasLine : this.input.length >= enough;
    const writable = !this.stopped && !this.line.full;
    return (readable ? POLL_READABLE : 0) | (writable ? POLL_WRITABLE : 0);
  }

  /** Bytes that a read would get without waiting (FIONREAD). */
  get available(): number {
    return this.input.length;
  }

  setTermios(termios: Termios): void {
    const wasCanonical = (this.termios.lflag & L.ICANON) !== 0;
    this.termios = termios;
    const isCanonical = (termios.lflag & L.ICANON) !== 0;
    // What is there changes its meaning with the mode: it becomes one line, or plain bytes.
    if (wasCanonical !== isCanonical) {
      this.input.join();
      this.input.append(this.editor.take());
    }
    if (!(termios.iflag & I.IXON) && this.stopped) this.resume();
    this.readiness.wake();
  }

  flushInput(): void {
    this.input.clear();
    this.editor.take();
  }

  stop(): void {
    this.stopped = true;
  }

  resume(): void {
    this.stopped = false;
    this.readiness.wake();
  }

  /** Sends a byte to the other end as flow control does, past all processing. */
  sendControl(index: number): void {
    const byte = this.termios.cc[index]!;
    if (byte !== DISABLED) this.line.write(Uint8Array.of(byte));
  }

  /** Takes a new size, and tells the foreground if it is another. */
  resize(size: Winsize): void {
    const { rows, columns, xpixels, ypixels } = this.winsize;
    this.winsize = size;
    const same = size.rows === rows && size.columns === columns;
    if (!same || size.xpixels !== xpixels || size.ypixels !== ypixels) this.signal(SIG.WINCH);
  }

  /** Signals the foreground, if there is one. */
  signal(signo: Signo): void {
    if (this.foreground !== undefined) signalGroup(this.kernel, this.foreground, signo);
  }

  /** Takes bytes as if they had been typed (TIOCSTI). */
  type(bytes: Uint8Array): void {
    for (const byte of bytes) this.receive(byte);
    this.readiness.wake();
  }

  /** Takes what was typed, as long as there is room for it: keys that send signals count although nobody reads. */
  pump(): void {
    let changed = false;
    while (!this.ended && !this.input.isFull) {
      const bytes = this.line.read(CHUNK);
      if (bytes === "empty") break;
      changed = true;
      if (bytes === "end") this.hangUp();
      else for (const byte of bytes) this.receive(byte);
      this.lastInput = this.kernel.now();
    }
    if (changed) this.readiness.wake();
  }

  /** Nobody is at the other end any more. */
  private hangUp(): void {
    this.ended = true;
    this.input.clear();
    loseTerminal(this);
  }

  /** One byte from the keyboard (n_tty_receive_char). */
  private receive(raw: number): void {
    const { iflag, lflag } = this.termios;
    let byte = iflag & I.ISTRIP ? raw & 0x7f : raw;
    if (iflag & I.IUCLC && lflag & L.IEXTEN && byte >= 0x41 && byte <= 0x5a) byte += 0x20;
    if (this.literal) {
      this.literal = false;
      this.accept(byte);
      return;
    }
    if (this.flowControl(byte) || this.signalKey(byte)) return;
    if (this.stopped && iflag & I.IXON && iflag & I.IXANY) this.resume();
    if (byte === RETURN) {
      if (iflag & I.IGNCR) return;
      if (iflag & I.ICRNL) byte = NEWLINE;
    } else if (byte === NEWLINE && iflag & I.INLCR) byte = RETURN;
    if (lflag & L.ICANON && this.editKey(byte)) return;
    this.accept(byte);
  }

  private flowControl(byte: number): boolean {
    const { iflag } = this.termios;
    if (!(iflag & I.IXON)) return false;
    if (this.isKey(byte, V.START)) {
      this.resume();
      return true;
    }
    if (!this.isKey(byte, V.STOP)) return false;
    this.stop();
    return true;
  }

  /** Keys that send a signal: what was typed and not read is dropped, unless NOFLSH. */
  private signalKey(byte: number): boolean {
    const { iflag, lflag } = this.termios;
    if (!(lflag & L.ISIG)) return false;
    const signo = SIGNAL_KEYS.find(([key]) => this.isKey(byte, key))?.[1];
    if (signo === undefined) return false;
    if (!(lflag & L.NOFLSH)) this.flushInput();
    if (iflag & I.IXON) this.resume();
    if (lflag & L.ECHO) this.echo(echoForm(byte, this.termios));
    this.signal(signo);
    return true;
  }

  /** Keys that edit or end a line. */
  private editKey(byte: number): boolean {
    const { termios, editor } = this;
    const { lflag } = termios;
    const extended = (lflag & L.IEXTEN) !== 0;
    if (this.isKey(byte, V.ERASE)) this.echo(editor.erase(V.ERASE, termios));
    else if (this.isKey(byte, V.KILL)) this.echo(editor.erase(V.KILL, termios));
    else if (extended && this.isKey(byte, V.WERASE)) this.echo(editor.erase(V.WERASE, termios));
    else if (extended && this.isKey(byte, V.LNEXT)) {
      this.literal = true;
      if (lflag & L.ECHO && lflag & L.ECHOCTL) this.echo([CARET, BACKSPACE]);
    } else if (extended && lflag & L.ECHO && this.isKey(byte, V.REPRINT)) this.echo(editor.reprint(termios));
    else if (byte === NEWLINE) {
      if (lflag & (L.ECHO | L.ECHONL)) this.echo([NEWLINE]);
      this.endLine([NEWLINE]);
    } else if (this.isKey(byte, V.EOF)) this.endLine([]);
    else if (this.isKey(byte, V.EOL) || (extended && this.isKey(byte, V.EOL2))) {
      if (lflag & L.ECHO) this.echo(echoForm(byte, termios));
      this.endLine([byte]);
    } else return false;
    return true;
  }

  private endLine(end: readonly number[]): void {
    const echo: number[] = [];
    this.editor.finishErasing(echo);
    this.echo(echo);
    this.input.addLine([...this.editor.take(), ...end]);
  }

  /** An ordinary character. */
  private accept(byte: number): void {
    const { iflag, lflag } = this.termios;
    const marked = iflag & I.PARMRK && byte === 0xff ? [byte, byte] : [byte];
    if (!(lflag & L.ICANON)) {
      if (lflag & L.ECHO) this.echo(echoForm(byte, this.termios));
      this.input.append(marked);
      return;
    }
    // A line that is too long keeps its beginning; it can still be ended.
    if (this.editor.line.length >= CHUNK - 1) {
      if (iflag & I.IMAXBEL) this.echo([BELL]);
      return;
    }
    for (const each of marked) this.echo(this.editor.add(each, this.termios));
  }

  private echo(bytes: readonly number[]): void {
    if (bytes.length === 0) return;
    const out: number[] = [];
    for (const byte of bytes) this.output.put(byte, this.termios, out);
    this.line.write(Uint8Array.from(out));
  }

  private isKey(byte: number, index: number): boolean {
    return byte !== DISABLED && this.termios.cc[index] === byte;
  }
}

const SIGNAL_KEYS: readonly (readonly [key: number, signo: Signo])[] = [
  [V.INTR, SIG.INT],
  [V.QUIT, SIG.QUIT],
  [V.SUSP, SIG.TSTP],
];
