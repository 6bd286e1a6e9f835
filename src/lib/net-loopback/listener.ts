/** What a listening socket has: connections that nobody has accepted yet (net/ipv4/inet_connection_sock.c). */
import type { ConnectionEnd, EndUser } from "./connection.ts";

/** Somebody who found no room in a queue, and is told when to try again. */
export interface Waiter {
  tryAgain(): void;
}

export class Listener {
  backlog: number;
  private readonly user: EndUser;
  private readonly waiting: ConnectionEnd[] = [];
  private readonly blocked = new Set<Waiter>();

  constructor(backlog: number, user: EndUser) {
    this.backlog = backlog;
    this.user = user;
  }

  get hasWaiting(): boolean {
    return this.waiting.length > 0;
  }

  /** Whether another one would have to wait outside: one more than the backlog is let in (sk_acceptq_is_full). */
  get isFull(): boolean {
    return this.waiting.length > this.backlog;
  }

  /** Whom an end belongs to that waits here: it has the listener's buffers. */
  get endUser(): EndUser {
    return { buffers: { ...this.user.buffers }, changed: () => {} };
  }

  add(end: ConnectionEnd): void {
    this.waiting.push(end);
    this.user.changed();
  }

  take(): ConnectionEnd | undefined {
    const end = this.waiting.shift();
    if (end !== undefined) this.admit();
    return end;
  }

  /** Has a waiter told when there is room, or when nobody listens any more. */
  block(waiter: Waiter): void {
    this.blocked.add(waiter);
  }

  unblock(waiter: Waiter): void {
    this.blocked.delete(waiter);
  }

  /** Lets in who waits outside, as far as there is room. */
  admit(): void {
    for (const waiter of [...this.blocked]) {
      if (this.isFull) break;
      this.blocked.delete(waiter);
      waiter.tryAgain();
    }
  }

  /** Nobody listens any more: those who were not accepted are reset. The socket must be known not to listen by now. */
  close(): void {
    for (const end of this.waiting.splice(0)) end.leave(true);
    for (const waiter of [...this.blocked]) {
      this.blocked.delete(waiter);
      waiter.tryAgain();
    }
  }
}
