import type { Layout } from "../base/struct.ts";
import { NSIG, signalName } from "./signal.ts";
import type { Signo } from "./types.ts";

/**
 * A set of signals (sigset_t). Bit n - 1 stands for signal n.
 *
 * Immutable, two 32-bit words: masks change at every sigsetjmp of some programs, and a BigInt would cost more than the call.
 * Sets of none or one, which most are, are made once.
 */
export class SignalSet {
  static readonly EMPTY = new SignalSet(0, 0);
  static readonly ALL = new SignalSet(-1, -1);

  /** Signals 1 to 32, and 33 to 64. */
  readonly low: number;
  readonly high: number;

  constructor(low: number, high: number) {
    this.low = low | 0;
    this.high = high | 0;
  }

  static of(...signals: readonly Signo[]): SignalSet {
    let low = 0;
    let high = 0;
    for (const signo of signals) {
      low |= lowBit(signo);
      high |= highBit(signo);
    }
    return new SignalSet(low, high);
  }

  /** Makes a set of two words; nothing is made for the empty one. */
  static from(low: number, high: number): SignalSet {
    return (low | high) === 0 ? SignalSet.EMPTY : new SignalSet(low, high);
  }

  get isEmpty(): boolean {
    return (this.low | this.high) === 0;
  }

  has(signo: Signo): boolean {
    return ((signo <= 32 ? this.low >>> (signo - 1) : this.high >>> (signo - 33)) & 1) === 1;
  }

  equals(other: SignalSet): boolean {
    return this.low === other.low && this.high === other.high;
  }

  with(signo: Signo): SignalSet {
    if (this.isEmpty) return SINGLE[signo - 1]!;
    return this.has(signo) ? this : new SignalSet(this.low | lowBit(signo), this.high | highBit(signo));
  }

  without(signo: Signo): SignalSet {
    return SignalSet.from(this.low & ~lowBit(signo), this.high & ~highBit(signo));
  }

  union(other: SignalSet): SignalSet {
    if (other.isEmpty) return this;
    return this.isEmpty ? other : new SignalSet(this.low | other.low, this.high | other.high);
  }

  minus(other: SignalSet): SignalSet {
    return this.meets(other) ? SignalSet.from(this.low & ~other.low, this.high & ~other.high) : this;
  }

  intersection(other: SignalSet): SignalSet {
    return SignalSet.from(this.low & other.low, this.high & other.high);
  }

  /** Whether a signal is in both sets. */
  meets(other: SignalSet): boolean {
    return ((this.low & other.low) | (this.high & other.high)) !== 0;
  }

  /** Whether every signal of this set is in the other one. */
  isWithin(other: SignalSet): boolean {
    return ((this.low & ~other.low) | (this.high & ~other.high)) === 0;
  }

  complement(): SignalSet {
    return new SignalSet(~this.low, ~this.high);
  }

  /** The lowest signal in the set. */
  first(): Signo | undefined {
    if (this.low !== 0) return (32 - Math.clz32(this.low & -this.low)) as Signo;
    if (this.high !== 0) return (64 - Math.clz32(this.high & -this.high)) as Signo;
    return undefined;
  }

  *[Symbol.iterator](): Generator<Signo, void> {
    for (let n = 1; n <= NSIG; n++) if (this.has(n as Signo)) yield n as Signo;
  }

  /** As strace prints it: `[INT CHLD]`, or `~[KILL STOP]` when most are in it. */
  toString(): string {
    const inside = [...this];
    const inverted = inside.length >= NSIG / 2;
    const named = inverted ? [...this.complement()] : inside;
    return `${inverted ? "~" : ""}[${named
      .map((signo) =>
        signalName(signo)
          .replace(/^SIG(?!RT)/, "")
          .replace(/^SIG/, ""),
      )
      .join(" ")}]`;
  }
}

const SINGLE: readonly SignalSet[] = Array.from({ length: NSIG }, (_, i) => SignalSet.of((i + 1) as Signo));

function lowBit(signo: Signo): number {
  return signo <= 32 ? 1 << (signo - 1) : 0;
}

function highBit(signo: Signo): number {
  return signo > 32 ? 1 << (signo - 33) : 0;
}

/** sigset_t as the kernel has it: 8 bytes. */
export const sigset: Layout<SignalSet> = Object.freeze({
  size: 8,
  align: 8,
  read: (v: DataView, at: number) => SignalSet.from(v.getInt32(at, true), v.getInt32(at + 4, true)),
  write(v: DataView, at: number, set: SignalSet) {
    v.setInt32(at, set.low, true);
    v.setInt32(at + 4, set.high, true);
  },
});
