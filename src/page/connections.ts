import type { PageMessage } from "../entry/browser/protocol.ts";
import { type Connection, portWire, streamsOver, WireConnection } from "../network/index.ts";

/** The page's connections to one machine. */
export class Connections {
  private readonly send: (message: PageMessage, transfer: Transferable[]) => void;
  private readonly asked = new Map<number, (accepted: boolean) => void>();
  private readonly connected = new Set<WireConnection>();
  private next = 0;

  constructor(send: (message: PageMessage, transfer: Transferable[]) => void) {
    this.send = send;
  }

  async open(port: number): Promise<Connection> {
    const { port1, port2 } = new MessageChannel();
    const id = this.next++;
    this.send({ kind: "connect", id, port, channel: port2 }, [port2]);
    const accepted = await new Promise<boolean>((resolve) => this.asked.set(id, resolve));
    if (!accepted) throw new Error(`no program of the machine listens at port ${port}`);
    const connection = new WireConnection(portWire(port1));
    this.connected.add(connection);
    return streamsOver(connection);
  }

  answered(id: number, accepted: boolean): void {
    this.asked.get(id)?.(accepted);
    this.asked.delete(id);
  }

  /** The machine is gone: who waits for it is told. */
  close(): void {
    for (const id of [...this.asked.keys()]) this.answered(id, false);
    for (const connection of this.connected) connection.reset();
  }
}
