import type { HostEntropy } from "../../kernel/host.ts";

/** Reproducible bytes: the generator mulberry32. Never for anything but tests and replay. */
export class SeededEntropy implements HostEntropy {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  fill(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.next() >>> 24;
  }

  private next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return mixed ^ (mixed >>> 14);
  }
}
