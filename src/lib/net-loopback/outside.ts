/** Connections from outside of the machine to its published ports: they come in by the loopback. */
import { Errno } from "../../abi/errno.ts";
import type { Uid } from "../../abi/types.ts";
import type { HostConnection } from "../../kernel/host.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { type IpAddress, LOOPBACK4, LOOPBACK6 } from "./address.ts";
import type { ConnectionEnd, EndUser } from "./connection.ts";
import { Listener, type Waiter } from "./listener.ts";
import { type Caller, network, type Opened, open } from "./network.ts";
import type { Claim, Sharing } from "./port-table.ts";

/** Lets in what the host lets through. */
export function letIn(kernel: Kernel): void {
  kernel.host.network?.onConnection((port, connection) => new Visitor(kernel, port, connection).arrive());
}

/** Bytes that are kept for somebody outside, each way. */
const BUFFERS = { sendBuffer: 262_144, receiveBuffer: 262_144 } as const;
/** Bytes that cross at a time. */
const PORTION = 65_536;

/** Somebody outside, as the near end of a connection of the loopback. */
class Visitor implements EndUser, Waiter {
  readonly buffers = BUFFERS;
  private readonly kernel: Kernel;
  private readonly port: number;
  private readonly outside: HostConnection;
  private end: ConnectionEnd | undefined;
  /** It was told that nothing more comes from inside. */
  private toldEnd = false;
  private moving = false;

  constructor(kernel: Kernel, port: number, outside: HostConnection) {
    this.kernel = kernel;
    this.port = port;
    this.outside = outside;
  }

  /** Connects to who listens at the port, by IPv4 or IPv6; answers whether there is anybody. */
  arrive(): boolean {
    const opened = this.dial(LOOPBACK4) ?? this.dial(LOOPBACK6);
    if (opened === undefined) return false;
    this.outside.onChange(() => this.changed());
    this.settle(opened);
    return true;
  }

  private dial(address: IpAddress): Exclude<Opened, "refused"> | undefined {
    const { tcp } = this.kernel.get(network);
    const claim: Claim = { address, bothVersions: false, sharing: ALONE };
    const held = tcp.takeAny(claim, undefined, true);
    if (held instanceof Errno) return undefined;
    const caller: Caller = { from: { address, port: held.port }, user: this, heldPort: held };
    const opened = open(this.kernel.get(network), caller, { address, port: this.port });
    if (opened === "refused" || opened instanceof Listener) held.release();
    return opened === "refused" ? undefined : opened;
  }

  private settle(opened: Exclude<Opened, "refused">): void {
    if (opened instanceof Listener) {
      opened.block(this);
      return;
    }
    this.end = opened;
    this.changed();
  }

  /** There is room at whom it calls, or nobody listens any more. */
  tryAgain(): void {
    const opened = this.dial(LOOPBACK4) ?? this.dial(LOOPBACK6);
    if (opened === undefined) this.outside.reset();
    else this.settle(opened);
  }

  changed(): void {
    if (this.moving || this.end === undefined) return;
    this.moving = true;
    this.moveIn(this.end);
    this.moveOut(this.end);
    this.moving = false;
  }

  private moveIn(end: ConnectionEnd): void {
    while (!end.sentEnd && !end.closed && end.room > 0) {
      const got = this.outside.read(Math.min(end.room, PORTION));
      if (got === "empty") return;
      if (got === "end") end.finish();
      else if (got === "reset") end.leave(true);
      else end.send(got);
    }
  }

  private moveOut(end: ConnectionEnd): void {
    while (end.inbox.length > 0 && !this.outside.full) {
      const bytes = new Uint8Array(Math.min(end.inbox.length, PORTION));
      end.read(bytes);
      this.outside.write(bytes);
    }
    if (end.inbox.length > 0 || this.toldEnd) return;
    if (end.error !== undefined) this.outside.reset();
    else if (end.gotEnd) this.outside.end();
    this.toldEnd = end.error !== undefined || end.gotEnd;
  }
}

/** Nobody else has its port. */
const ALONE: Sharing = Object.freeze({
  owner: 0 as Uid,
  reuseAddress: false,
  reusePort: false,
  listening: false,
});
