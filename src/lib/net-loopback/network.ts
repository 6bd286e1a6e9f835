/** The machine's network: one interface that leads back to the machine. Who has which port of it, and who meets whom. */
import type { Kernel } from "../../kernel/kernel.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import { type Endpoint, isAny, isVersion4 } from "./address.ts";
import { ConnectionEnd, type EndUser, type HeldPort } from "./connection.ts";
import type { Listener } from "./listener.ts";
import type { Packet } from "./packet.ts";
import { type Claim, frozen, PortTable } from "./port-table.ts";

/** What the network knows of a socket that listens, or may. */
export interface StreamUser {
  readonly claim: Claim;
  readonly listener: Listener | undefined;
}

/** What the network knows of a socket for datagrams. */
export interface DatagramUser {
  readonly claim: Claim;
  /** Whom alone it hears. */
  readonly remote: Endpoint | undefined;
  /** Takes a datagram, or loses it. */
  deliver(packet: Packet): void;
}

export interface Network {
  readonly tcp: PortTable<StreamUser>;
  readonly udp: PortTable<DatagramUser>;
}

export const network = perKernel(
  (kernel: Kernel): Network => ({ tcp: new PortTable(kernel), udp: new PortTable(kernel) }),
);

/** Who connects: from where, and who has the near end. */
export interface Caller {
  readonly from: Endpoint;
  readonly user: EndUser;
  readonly heldPort?: HeldPort | undefined;
}

/** How a connect ends: in a connection, before a full queue, or with nobody there. */
export type Opened = ConnectionEnd | Listener | "refused";

/** Connects to who listens at an endpoint (tcp_v4_rcv, tcp_v4_syn_recv_sock). */
export function open({ tcp }: Network, { from, user, heldPort }: Caller, to: Endpoint): Opened {
  const near = new ConnectionEnd(from, to, user, heldPort);
  const found = listenerAt(tcp, to, from);
  if (found === undefined) {
    // Who calls the very port that it calls from meets itself (a simultaneous open).
    return from.port === to.port && from.address === to.address ? near : "refused";
  }
  const { listener, claim } = found;
  if (listener.isFull) return listener;
  const { sharing } = frozen(claim);
  const held = tcp.add({
    claim: { address: to.address, bothVersions: false, sharing },
    port: to.port,
    user: undefined,
  });
  const far = new ConnectionEnd(to, from, listener.endUser, held);
  near.join(far);
  listener.add(far);
  return near;
}

interface Found {
  readonly listener: Listener;
  readonly claim: Claim;
}

function listenerAt(tcp: PortTable<StreamUser>, to: Endpoint, from: Endpoint): Found | undefined {
  const users = best(
    [...tcp.usersOf(to)].filter(({ listener }) => listener !== undefined),
    ({ claim }) => exactness(claim, to),
  );
  // Those that share a port share out what comes, by where it comes from (reuseport_select_sock).
  const { listener, claim } = users[from.port % users.length] ?? {};
  return listener === undefined || claim === undefined ? undefined : { listener, claim };
}

/** Hands a datagram to whom it concerns most; answers whether there is anybody (__udp4_lib_rcv). */
export function deliver({ udp }: Network, packet: Packet): boolean {
  const { from, to } = packet;
  const users = [...udp.usersOf(to)].filter((user) => hears(user, from));
  const heard = best(users, (user) => exactness(user.claim, to) + (user.remote === undefined ? 0 : 8));
  if (heard.length === 0) return false;
  const shared = heard.every(({ claim }) => claim.sharing.reusePort);
  const chosen = shared ? heard[from.port % heard.length] : heard.at(-1);
  chosen?.deliver(packet);
  return true;
}

/** Hands a datagram to all whom it concerns. */
export function broadcast({ udp }: Network, packet: Packet): void {
  for (const user of udp.usersOf(packet.to)) if (hears(user, packet.from)) user.deliver(packet);
}

function hears({ remote }: DatagramUser, from: Endpoint): boolean {
  return remote === undefined || (remote.port === from.port && remote.address === from.address);
}

/** A socket of an address of its own goes before one of any, and one of the same version before one of both. */
function exactness({ address }: Claim, to: Endpoint): number {
  return (isAny(address) ? 0 : 4) + (isVersion4(address) === isVersion4(to.address) ? 2 : 0);
}

/** Those of the highest score. */
function best<T>(all: readonly T[], score: (each: T) => number): readonly T[] {
  const highest = Math.max(...all.map(score));
  return all.filter((each) => score(each) === highest);
}
