/**
 * Sockets that are in the queues of sockets (net/unix/garbage.c): when nobody else has them, and nobody can read the queues that
 * they are in, they would keep each other forever.
 */
import { perKernel } from "../../kernel/slot-kinds.ts";
import type { OpenFile } from "../posix-fdtab/index.ts";

/** A socket with a queue that sockets can be in. */
export interface Carrier extends OpenFile {
  /** The files that its queue brings. */
  carried(): readonly OpenFile[];
  discardQueue(): void;
}

const isCarrier = (file: OpenFile): file is Carrier => "carried" in file;

export class InFlight {
  /** How often each socket is in a queue. */
  private readonly counts = new Map<Carrier, number>();
  private collecting = false;

  /** Files were put into a queue. */
  entered(files: readonly OpenFile[]): void {
    for (const file of files) if (isCarrier(file)) this.counts.set(file, (this.counts.get(file) ?? 0) + 1);
  }

  /** Files were taken out of a queue. */
  left(files: readonly OpenFile[]): void {
    for (const file of files) {
      if (!isCarrier(file)) continue;
      const count = this.counts.get(file) ?? 0;
      if (count > 1) this.counts.set(file, count - 1);
      else this.counts.delete(file);
    }
  }

  /** Closes the sockets that nobody can reach. To be called when somebody let go of one. */
  collect(): void {
    if (this.counts.size === 0 || this.collecting) return;
    this.collecting = true;
    const lost = this.unreachable().map((socket) => socket.hold());
    for (const socket of lost) socket.discardQueue();
    for (const socket of lost) socket.drop();
    this.collecting = false;
  }

  /** Those that only queues hold, without those that can be had from a queue that somebody can read. */
  private unreachable(): Carrier[] {
    const suspects = new Map([...this.counts].filter(([socket, count]) => socket.references === count));
    for (const socket of [...suspects.keys()]) {
      for (const file of socket.carried().filter(isCarrier)) {
        const count = suspects.get(file);
        if (count !== undefined) suspects.set(file, count - 1);
      }
    }
    const reachable = [...suspects].filter(([, others]) => others > 0).map(([socket]) => socket);
    for (const socket of reachable) {
      if (suspects.delete(socket)) reachable.push(...socket.carried().filter(isCarrier));
    }
    return [...suspects.keys()];
  }
}

/** What is on its way in a machine. */
export const socketsInFlight = perKernel(() => new InFlight());
