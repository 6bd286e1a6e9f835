import type { SyscallObserver } from "../kernel/hooks.ts";
import type { Task } from "../kernel/task.ts";
import { providerOf } from "../lib/ledger/ledger.ts";

/** A system call that a program asked for in vain. */
export interface MissingCall {
  readonly name: string;
  /** The library that is to provide it; undefined if it has no place here. */
  readonly library: string | undefined;
}

/** Remembers each call that nothing provided, once. */
export class MissingCalls implements SyscallObserver {
  private readonly seen = new Map<number, MissingCall>();

  get list(): readonly MissingCall[] {
    return [...this.seen.values()];
  }

  readonly unknown = (_task: Task, number: number, name: string | undefined): void => {
    if (this.seen.has(number)) return;
    this.seen.set(number, { name: name ?? `system call ${number}`, library: name && providerOf(name) });
  };
}
