import type { HostEntropy } from "../../kernel/host.ts";

/** The generator mulberry32. Never for anything but tests and replay. */
export class SeededRandom {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** Answers 32 bits. */
  bits(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** Answers a number from 0 up to, and without, 1. */
  fraction(): number {
    return this.bits() / 2 ** 32;
  }

  /** Answers a whole number below `bound`. */
  below(bound: number): number {
    return Math.floor(this.fraction() * bound);
  }
}

/** Reproducible bytes. */
export class SeededEntropy implements HostEntropy {
  private readonly random: SeededRandom;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
  }

  fill(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.random.bits() >>> 24;
  }
}
