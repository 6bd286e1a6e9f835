import { Readable, Writable } from "node:stream";
import type { HostConsole, HostInput, HostOutput } from "../kernel/host.ts";

/** A console whose other ends are Node streams: what a program reads and writes stays in this process. */
export interface PipedConsole {
  readonly console: HostConsole;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Ends the output streams: no program will write again. */
  close(): void;
}

export function createPipedConsole(): PipedConsole {
  const input = new PipedInput();
  const output = new PipedOutput();
  const errors = new PipedOutput();
  return {
    console: { stdin: input, stdout: output, stderr: errors },
    stdin: input.writable,
    stdout: output.readable,
    stderr: errors.readable,
    close() {
      output.readable.push(null);
      errors.readable.push(null);
    },
  };
}

/** A chunk is acknowledged to its writer when the guest has taken it, so that a writer is slowed to the guest's pace. */
class PipedInput implements HostInput {
  readonly kind = "pipe";
  private chunk: Uint8Array = new Uint8Array(0);
  private taken: (() => void) | undefined;
  private ended = false;
  private readonly listeners: (() => void)[] = [];

  readonly writable = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      this.chunk = chunk;
      this.taken = done;
      this.tell();
    },
    final: (done) => {
      this.ended = true;
      this.tell();
      done();
    },
  });

  read(maximum: number): Uint8Array | "empty" | "end" {
    if (this.chunk.length === 0) return this.ended ? "end" : "empty";
    const bytes = this.chunk.subarray(0, maximum);
    this.chunk = this.chunk.subarray(bytes.length);
    if (this.chunk.length === 0) {
      const { taken } = this;
      this.taken = undefined;
      taken?.();
    }
    return bytes;
  }

  onReadable(call: () => void): void {
    this.listeners.push(call);
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

class PipedOutput implements HostOutput {
  readonly kind = "pipe";
  full = false;
  private readonly listeners: (() => void)[] = [];

  readonly readable = new Readable({
    read: () => {
      if (!this.full) return;
      this.full = false;
      for (const listener of this.listeners) listener();
    },
  });

  write(bytes: Uint8Array): boolean {
    if (this.readable.destroyed) return false;
    this.full = !this.readable.push(Buffer.from(bytes));
    return true;
  }

  onDrain(call: () => void): void {
    this.listeners.push(call);
  }
}
