/** Who is told that a message has come into an empty queue, and how. (mq_notify(3); Linux ipc/mqueue.c, __do_notify) */
import { NOTIFY, NOTIFY_COOKIE_BYTES } from "../../abi/mqueue.ts";
import { SI, SIGEV } from "../../abi/signal.ts";
import type { Signo } from "../../abi/types.ts";
import type { AddressSpace } from "../../kernel/mm/address-space.ts";
import type { Process } from "../../kernel/process.ts";
import type { Task } from "../../kernel/task.ts";
import { postSignal } from "../posix-signal/index.ts";
import { credentialsOf } from "../posix-user/index.ts";

/** What is to be done. */
export type Event =
  | { readonly kind: "none" }
  /** 0 is no signal. */
  | { readonly kind: "signal"; readonly signo: Signo; readonly value: bigint }
  /** A message through a socket, behind which a thread of the C library waits. */
  | { readonly kind: "thread"; readonly send: (bytes: Uint8Array) => void; readonly cookie: Uint8Array };

const NUMBERS = { none: SIGEV.NONE, signal: SIGEV.SIGNAL, thread: SIGEV.THREAD } as const;

/** A process's wish to be told once. */
export class Notification {
  readonly owner: Process;
  private readonly event: Event;
  /** The program that asked: another one that the process executes is not told. */
  private readonly mm: AddressSpace;

  constructor(owner: Process, event: Event) {
    this.owner = owner;
    this.event = event;
    this.mm = owner.mm;
  }

  /** What reading the queue's descriptor shows of it. */
  get shown(): { readonly kind: number; readonly signo: number; readonly owner: number } {
    const { event, owner } = this;
    return { kind: NUMBERS[event.kind], signo: event.kind === "signal" ? event.signo : 0, owner: owner.pid };
  }

  tell({ process }: Task): void {
    const { event, owner, mm } = this;
    if (event.kind === "thread") this.sendCookie(NOTIFY.WOKENUP);
    if (event.kind !== "signal" || event.signo === 0 || owner.mm !== mm) return;
    const { signo, value } = event;
    postSignal(owner, {
      kind: "queue",
      signo,
      code: SI.MESGQ,
      pid: process.pid,
      uid: credentialsOf(process).uid,
      value,
    });
  }

  /** The wish is withdrawn. */
  cancel(): void {
    if (this.event.kind === "thread") this.sendCookie(NOTIFY.REMOVED);
  }

  private sendCookie(what: number): void {
    if (this.event.kind !== "thread") return;
    const { send, cookie } = this.event;
    cookie[NOTIFY_COOKIE_BYTES - 1] = what;
    send(cookie);
  }
}
