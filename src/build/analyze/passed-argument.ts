import type { Values } from "./function-code.ts";

/** What an argument of a system call may be: found where the call is made, and in the callers of functions that pass it on. */
export class PassedArgument {
  /** Constants that it may be. */
  readonly known = new Set<number>();
  /** Whether it may also be something that nobody can tell. */
  unknown = false;
  /** By function: registers in which it comes to it. */
  private readonly carriers = new Map<string, Set<number>>();

  /** Takes in what the argument may be in a function. */
  take(inside: string, { known, unknown, parameters }: Values): void {
    for (const value of known) this.known.add(value);
    this.unknown ||= unknown;
    const carriers = this.carriers.get(inside) ?? new Set();
    for (const register of parameters) carriers.add(register);
    this.carriers.set(inside, carriers);
  }

  /** In which registers a function is given it. */
  carriersOf(callee: string): Iterable<number> {
    return this.carriers.get(callee) ?? [];
  }

  /** Grows as long as callers are found that pass it on. */
  get size(): number {
    let count = this.known.size;
    for (const registers of this.carriers.values()) count += registers.size;
    return count;
  }
}
