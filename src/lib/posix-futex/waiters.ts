import type { GuestPtr } from "../../abi/types.ts";
import { perAddressSpace } from "../../kernel/slot-kinds.ts";
import { WaitQueue } from "../../kernel/wait.ts";

/** One who sleeps on a futex word. */
export class Waiter {
  /** Only wakes that share a bit with these reach it. */
  readonly bits: number;
  readonly queue = new WaitQueue();
  woken = false;

  constructor(bits: number) {
    this.bits = bits;
  }
}

/** Who sleeps on which word, the longest first. */
export class WaiterTable {
  private readonly words = new Map<GuestPtr<"u32">, Set<Waiter>>();

  add(word: GuestPtr<"u32">, waiter: Waiter): void {
    const waiters = this.words.get(word) ?? new Set();
    waiters.add(waiter);
    this.words.set(word, waiters);
  }

  remove(word: GuestPtr<"u32">, waiter: Waiter): void {
    const waiters = this.words.get(word);
    waiters?.delete(waiter);
    if (waiters?.size === 0) this.words.delete(word);
  }

  /** Wakes up to `count` waiters and answers how many. */
  wake(word: GuestPtr<"u32">, count: number, bits: number): number {
    let woken = 0;
    for (const waiter of [...(this.words.get(word) ?? [])]) {
      if (woken >= count) break;
      if ((waiter.bits & bits) === 0) continue;
      this.remove(word, waiter);
      waiter.woken = true;
      waiter.queue.wake();
      woken++;
    }
    return woken;
  }
}

export const waiterTable = perAddressSpace(() => new WaiterTable());
