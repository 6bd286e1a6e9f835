import type { HostConsole, HostInput, HostOutput, HostTerminal } from "../../kernel/host.ts";
import type { PageMessage, TerminalSize, WorkerMessage } from "./protocol.ts";

/** Bytes that the page may be behind before writers have to wait. */
const MOST_UNTAKEN = 1 << 20;

/** The standard streams of a machine in a worker: messages from and to the page. */
export class MessageConsole implements HostConsole {
  readonly stdin: Input;
  readonly stdout: HostOutput;
  readonly stderr: HostOutput;
  readonly terminal?: Terminal;
  private untaken = 0;
  private readonly drainListeners: (() => void)[] = [];

  constructor(post: (message: WorkerMessage) => void, size: TerminalSize | undefined) {
    const kind = size === undefined ? "pipe" : "terminal";
    this.stdin = new Input(kind);
    this.stdout = this.output(1, kind, post);
    this.stderr = this.output(2, kind, post);
    if (size !== undefined) this.terminal = new Terminal(size);
  }

  /** Takes a message that is about the streams. */
  receive(message: PageMessage): void {
    switch (message.kind) {
      case "input":
        this.stdin.add(message.bytes);
        break;
      case "end of input":
        this.stdin.end();
        break;
      case "resize":
        this.terminal?.resize(message);
        break;
      case "taken":
        this.taken(message.bytes);
        break;
    }
  }

  private taken(bytes: number): void {
    const wasFull = this.untaken > MOST_UNTAKEN;
    this.untaken -= bytes;
    if (wasFull && this.untaken <= MOST_UNTAKEN) for (const call of this.drainListeners) call();
  }

  private output(stream: 1 | 2, kind: HostOutput["kind"], post: (message: WorkerMessage) => void): HostOutput {
    const streams = this;
    return {
      kind,
      get full() {
        return streams.untaken > MOST_UNTAKEN;
      },
      write(bytes) {
        streams.untaken += bytes.length;
        post({ kind: "output", stream, bytes: new Uint8Array(bytes) });
        return true;
      },
      onDrain: (call) => void streams.drainListeners.push(call),
    };
  }
}

class Input implements HostInput {
  readonly kind: HostInput["kind"];
  private readonly chunks: Uint8Array[] = [];
  private ended = false;
  private readonly listeners: (() => void)[] = [];

  constructor(kind: HostInput["kind"]) {
    this.kind = kind;
  }

  read(maximum: number): Uint8Array | "empty" | "end" {
    const [first] = this.chunks;
    if (first === undefined) return this.ended ? "end" : "empty";
    if (first.length <= maximum) this.chunks.shift();
    else this.chunks[0] = first.subarray(maximum);
    return first.subarray(0, maximum);
  }

  onReadable(call: () => void): void {
    this.listeners.push(call);
  }

  add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.chunks.push(bytes);
    this.tell();
  }

  end(): void {
    this.ended = true;
    this.tell();
  }

  private tell(): void {
    for (const call of this.listeners) call();
  }
}

/** The page's terminal: it hands every key over as it is. */
class Terminal implements HostTerminal {
  size: TerminalSize;
  private readonly listeners: (() => void)[] = [];

  constructor(size: TerminalSize) {
    this.size = size;
  }

  onResize(call: () => void): void {
    this.listeners.push(call);
  }

  setRaw(): void {}

  resize({ columns, rows }: TerminalSize): void {
    this.size = { columns, rows };
    for (const call of this.listeners) call();
  }
}
