import type { HostConnection, HostNetwork } from "../../kernel/host.ts";
import { portWire, WireConnection } from "../../network/index.ts";

/** What the page connects to: servers of the machine, and nothing of the network that the page itself is in. */
export class PageNetwork implements HostNetwork {
  private take: ((port: number, connection: HostConnection) => boolean) | undefined;

  onConnection(take: (port: number, connection: HostConnection) => boolean): void {
    this.take = take;
  }

  /** Connects the page's end of a channel to a port of the guest; answers whether anybody listens there. */
  connect(port: number, channel: MessagePort): boolean {
    const taken = this.take?.(port, new WireConnection(portWire(channel))) ?? false;
    if (!taken) channel.close();
    return taken;
  }
}
