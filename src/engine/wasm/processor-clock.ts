import type { CodeCompiler } from "../../machine/index.ts";

/** For so long the host's processor time, which takes 40 µs to ask for, is taken to go on as its clock does. */
const ASKED_AGAIN_MS = 2;

/** Processor time if the host can tell it: other programs of the machine have no say in what pays. */
export class ProcessorClock {
  private readonly compiler: Pick<CodeCompiler, "now" | "cpuMs">;
  /** When processor time was asked for, by the host's clock, and what it was. */
  private askedMs = Number.NEGATIVE_INFINITY;
  private cpuMs = 0;

  constructor(compiler: Pick<CodeCompiler, "now" | "cpuMs">) {
    this.compiler = compiler;
  }

  /** Milliseconds since some instant. */
  now(): number {
    const { compiler } = this;
    const now = compiler.now();
    if (compiler.cpuMs === undefined) return now;
    if (now - this.askedMs > ASKED_AGAIN_MS) {
      this.askedMs = now;
      this.cpuMs = compiler.cpuMs();
    }
    return this.cpuMs + now - this.askedMs;
  }
}
