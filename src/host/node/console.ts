import { fstatSync, readSync, writeSync } from "node:fs";
import { isatty, type ReadStream } from "node:tty";
import type { HostConsole, HostInput, HostOutput, HostTerminal } from "../../kernel/host.ts";

/** This process's own standard streams. */
export function createConsole(): HostConsole & { close(): void } {
  const stdin = openInput();
  const terminal = stdin.kind === "terminal" && isTerminal(1) ? new NodeTerminal(stdin as StreamInput) : undefined;
  return {
    stdin,
    stdout: new FdOutput(1),
    stderr: new FdOutput(2),
    ...(terminal === undefined ? {} : { terminal }),
    close() {
      terminal?.setRaw(false);
      if (stdin instanceof StreamInput) stdin.close();
    },
  };
}

const NO_INPUT: HostInput = { kind: "null", read: () => "end", onReadable() {} };

function kindOf(fd: number): HostInput["kind"] {
  try {
    const stat = fstatSync(fd);
    if (stat.isFile()) return "file";
    if (!stat.isCharacterDevice()) return "pipe";
    // Asking loads Node's network and streams: not for the device that is known to be none.
    return stat.rdev !== LINUX_DEV_NULL && isatty(fd) ? "terminal" : "null";
  } catch {
    return "null";
  }
}

/** Whether a file descriptor of this process is a terminal. */
export function isTerminal(fd: number): boolean {
  return kindOf(fd) === "terminal";
}

/** Device 1:3. */
const LINUX_DEV_NULL = 0x103;

function openInput(): HostInput {
  const kind = kindOf(0);
  if (kind === "null") return NO_INPUT;
  return kind === "file" ? new FileInput() : new StreamInput(kind);
}

/** A redirected file is always ready. */
class FileInput implements HostInput {
  readonly kind = "file";

  read(maximum: number): Uint8Array | "end" {
    const buffer = new Uint8Array(Math.min(maximum, 1 << 20));
    const count = readSync(0, buffer);
    return count === 0 ? "end" : buffer.subarray(0, count);
  }

  onReadable(): void {}
}

/** A pipe, a socket or a terminal: read through the event loop, and only once the guest has asked. */
class StreamInput implements HostInput {
  readonly kind: HostInput["kind"];
  private started = false;
  private ended = false;
  private rest: Uint8Array = new Uint8Array(0);
  private readonly listeners: (() => void)[] = [];

  constructor(kind: HostInput["kind"]) {
    this.kind = kind;
  }

  get stream(): ReadStream {
    return process.stdin as unknown as ReadStream;
  }

  read(maximum: number): Uint8Array | "empty" | "end" {
    this.start();
    if (this.rest.length === 0) this.rest = (this.stream.read() as Uint8Array | null) ?? new Uint8Array(0);
    if (this.rest.length === 0) return this.ended ? "end" : "empty";
    const taken = this.rest.subarray(0, maximum);
    this.rest = this.rest.subarray(taken.length);
    return taken;
  }

  onReadable(call: () => void): void {
    this.listeners.push(call);
  }

  close(): void {
    if (this.started) this.stream.pause().unref();
  }

  private start(): void {
    if (this.started) return;
    this.started = true;
    const tell = (): void => {
      for (const listener of this.listeners) listener();
    };
    const end = (): void => {
      this.ended = true;
      tell();
    };
    this.stream.on("readable", tell).once("end", end).once("error", end).once("close", end);
  }
}

/**
 * A file descriptor of this process that takes bytes at once. A pipe whose reader is slow keeps what does not fit in
 * memory and tries again; the guest is told to wait meanwhile.
 */
class FdOutput implements HostOutput {
  readonly kind: HostInput["kind"];
  private readonly fd: number;
  private waiting: Uint8Array[] = [];
  private broken = false;
  private readonly drainListeners: (() => void)[] = [];

  constructor(fd: number) {
    this.fd = fd;
    this.kind = kindOf(fd);
  }

  get full(): boolean {
    return this.waiting.length > 0;
  }

  write(bytes: Uint8Array): boolean {
    if (this.broken) return false;
    if (this.full) this.waiting.push(bytes.slice());
    else this.push(bytes);
    return !this.broken;
  }

  onDrain(call: () => void): void {
    this.drainListeners.push(call);
  }

  private push(bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) {
      try {
        done += writeSync(this.fd, bytes, done);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") {
          this.broken = true;
          return;
        }
        this.waiting.unshift(bytes.slice(done));
        setTimeout(() => this.retry(), 1);
        return;
      }
    }
  }

  private retry(): void {
    const pending = this.waiting;
    this.waiting = [];
    while (pending.length > 0 && !this.full && !this.broken) this.push(pending.shift()!);
    this.waiting.push(...pending);
    if (this.full) return;
    for (const listener of this.drainListeners) listener();
  }
}

class NodeTerminal implements HostTerminal {
  private readonly input: StreamInput;
  /** Node learns of a new size for its own streams alone; it is used for that, and never written to. */
  private readonly output = process.stdout;

  constructor(input: StreamInput) {
    this.input = input;
  }

  get size(): HostTerminal["size"] {
    return { columns: this.output.columns || 80, rows: this.output.rows || 24 };
  }

  onResize(call: () => void): void {
    this.output.on("resize", call);
  }

  setRaw(raw: boolean): void {
    this.input.stream.setRawMode?.(raw);
  }
}
