import { type ByteString, byteString, bytesOf } from "../../base/bytes.ts";
import type { HostConsole, HostInput, HostOutput } from "../../kernel/host.ts";

/** Standard streams in memory: what is written is kept, what is read was put there. */
export class TestConsole implements HostConsole {
  readonly stdin = new TestInput();
  readonly stdout = new TestOutput();
  readonly stderr = new TestOutput();
}

export class TestInput implements HostInput {
  readonly kind = "pipe";
  private readonly chunks: Uint8Array[] = [];
  private readonly listeners: (() => void)[] = [];
  private ended = false;

  /** Adds input. */
  push(text: ByteString): void {
    this.chunks.push(bytesOf(text));
    this.changed();
  }

  /** Says that no more input follows. */
  end(): void {
    this.ended = true;
    this.changed();
  }

  read(maximum: number): Uint8Array | "empty" | "end" {
    const first = this.chunks.shift();
    if (first === undefined) return this.ended ? "end" : "empty";
    if (first.length > maximum) this.chunks.unshift(first.subarray(maximum));
    return first.subarray(0, maximum);
  }

  onReadable(call: () => void): void {
    this.listeners.push(call);
  }

  private changed(): void {
    for (const call of this.listeners) call();
  }
}

export class TestOutput implements HostOutput {
  readonly kind = "pipe";
  /** Set to make a writer wait; {@link drain} lets it go on. */
  full = false;
  /** Set to let writes fail as if the reader had gone. */
  closed = false;
  private written = "";
  private readonly listeners: (() => void)[] = [];

  /** Everything written so far. */
  get text(): ByteString {
    return this.written as ByteString;
  }

  write(bytes: Uint8Array): boolean {
    if (this.closed) return false;
    this.written += byteString(bytes);
    return true;
  }

  onDrain(call: () => void): void {
    this.listeners.push(call);
  }

  drain(): void {
    this.full = false;
    for (const call of this.listeners) call();
  }
}
