import { EAGAIN, type Result } from "../../abi/errno.ts";
import type { SigInfo } from "../../abi/riscv64/siginfo.ts";
import { SI, SIG, SIGRTMIN } from "../../abi/signal.ts";
import { SignalSet } from "../../abi/signal-set.ts";
import type { Signo } from "../../abi/types.ts";

/** How many signals wait on behalf of one user, in all queues: what RLIMIT_SIGPENDING bounds. */
export interface QueueAccount {
  queued: number;
}

interface Entry {
  readonly info: SigInfo;
  readonly account: QueueAccount;
}

/** Signals that the processor raises: they are delivered before all others, and only to the thread that caused them. */
const SYNCHRONOUS = SignalSet.of(SIG.SEGV, SIG.BUS, SIG.ILL, SIG.TRAP, SIG.FPE, SIG.SYS);

/** Whether a signal's information is kept whatever the limit is: the kernel's own standard signals, and kill(2)'s. */
export function isAlwaysQueued({ signo, code }: SigInfo): boolean {
  return signo < SIGRTMIN && code >= 0;
}

/**
 * Signals that were sent and not yet delivered (struct sigpending): a set, and what came with each.
 *
 * A standard signal waits at most once; real-time ones wait in the order in which they were sent. What found no room in the
 * queue is only in the set, and is delivered without its information.
 */
export class PendingSignals {
  private members = SignalSet.EMPTY;
  private readonly entries: Entry[] = [];

  get set(): SignalSet {
    return this.members;
  }

  /**
   * Adds a signal; EAGAIN if the limit of the sender's queue is reached and the information must not be lost
   * (__send_signal_locked of Linux kernel/signal.c).
   *
   * @param limit - how many of the account may be queued; Infinity for {@link isAlwaysQueued}.
   */
  add(info: SigInfo, account: QueueAccount, limit: number): Result<0> {
    const { signo } = info;
    const realTime = signo >= SIGRTMIN;
    if (!realTime && this.members.has(signo)) return 0;
    if (account.queued < limit) {
      this.entries.push({ info, account });
      account.queued++;
    } else if (realTime && info.code !== SI.USER) {
      return EAGAIN;
    }
    this.members = this.members.with(signo);
    return 0;
  }

  /** Takes the next signal that is not blocked: a synchronous one first, else the lowest number. */
  take(blocked: SignalSet): SigInfo | undefined {
    if (this.members.isWithin(blocked)) return undefined;
    const ready = this.members.minus(blocked);
    const signo = (ready.meets(SYNCHRONOUS) ? ready.intersection(SYNCHRONOUS) : ready).first();
    return signo === undefined ? undefined : this.takeSignal(signo);
  }

  /** Takes a fault that the processor raised, before anything that another sent. */
  takeFault(blocked: SignalSet): SigInfo | undefined {
    if (!this.members.meets(SYNCHRONOUS)) return undefined;
    const found = this.entries.find(
      ({ info }) => info.code > SI.USER && SYNCHRONOUS.has(info.signo) && !blocked.has(info.signo),
    );
    return found === undefined ? undefined : this.takeSignal(found.info.signo);
  }

  /** Forgets these signals, because they are ignored now. Answers what had been queued. */
  discard(set: SignalSet): readonly SigInfo[] {
    const dropped: SigInfo[] = [];
    if (!this.members.meets(set)) return dropped;
    for (const signo of this.members.intersection(set)) {
      while (this.members.has(signo)) dropped.push(this.takeSignal(signo));
    }
    return dropped;
  }

  /** Forgets everything: nobody is left to take it. */
  clear(): void {
    for (const { account } of this.entries) account.queued--;
    this.entries.length = 0;
    this.members = SignalSet.EMPTY;
  }

  private takeSignal(signo: Signo): SigInfo {
    const entry = this.takeEntry(signo);
    if (entry !== undefined) entry.account.queued--;
    const isLast = this.entries.length === 0 || !this.entries.some(({ info }) => info.signo === signo);
    if (isLast) this.members = this.members.without(signo);
    return entry?.info ?? { kind: "kill", signo, code: SI.USER, pid: 0, uid: 0 };
  }

  private takeEntry(signo: Signo): Entry | undefined {
    // Nearly always there is one.
    if (this.entries.length === 1 && this.entries[0]!.info.signo === signo) return this.entries.pop();
    const index = this.entries.findIndex(({ info }) => info.signo === signo);
    return index < 0 ? undefined : this.entries.splice(index, 1)[0];
  }
}
