/** Who has which port of a protocol, and who may share it (inet_csk_get_port, udp_v4_get_port). */
import { EADDRINUSE, EADDRNOTAVAIL, type Result } from "../../abi/errno.ts";
import { EPHEMERAL_PORTS } from "../../abi/inet.ts";
import type { Instant, Uid } from "../../abi/types.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { type Endpoint, type IpAddress, isAny, isVersion4 } from "./address.ts";

/** How long the end of a connection that was closed first keeps its port, and for how long nobody else connects from it. */
const TIME_WAIT_NS = 60e9;
const REUSE_AFTER_NS = 1e9;

/** What somebody wants of a port. */
export interface Claim {
  readonly address: IpAddress;
  /** It has "any" IPv6 address, and takes what comes by IPv4 too. */
  readonly bothVersions: boolean;
  /** Looked at whenever somebody else wants the port. */
  readonly sharing: Sharing;
}

/** Under what conditions others may have the same port. */
export interface Sharing {
  readonly owner: Uid;
  readonly reuseAddress: boolean;
  readonly reusePort: boolean;
  readonly listening: boolean;
}

/** A port that is held: by a socket, or by a connection, which may outlive its socket. */
export class Holder<User> {
  readonly claim: Claim;
  readonly port: number;
  /** Who gets what comes for the port; undefined for a connection, which has its own peer. */
  readonly user: User | undefined;
  /** When it is given back, if nobody uses it any more (TIME_WAIT). */
  readonly until: Instant | undefined;
  private readonly table: PortTable<User>;

  constructor(table: PortTable<User>, held: Pick<Holder<User>, "claim" | "port" | "user">, until?: Instant) {
    this.table = table;
    this.claim = held.claim;
    this.port = held.port;
    this.user = held.user;
    this.until = until;
  }

  /** Gives the port back. */
  release(): void {
    this.table.remove(this);
  }

  /** Nobody uses the port any more, but it is kept for a while. */
  rest(): void {
    this.release();
    const { claim, port, table } = this;
    table.add({ claim: frozen(claim), port, user: undefined }, (table.kernel.now() + TIME_WAIT_NS) as Instant);
  }
}

interface Holders<User> {
  readonly users: Set<Holder<User>>;
  readonly connections: Set<Holder<User>>;
  /** Those that nobody uses any more, the oldest first. */
  readonly resting: Set<Holder<User>>;
}

export class PortTable<User> {
  readonly kernel: Kernel;
  private readonly ports = new Map<number, Holders<User>>();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** Takes a port, or any that is free for 0: EADDRINUSE. */
  take(claim: Claim, user: User, port: number): Result<Holder<User>> {
    if (port === 0) return this.takeAny(claim, user, false);
    return this.conflicts(claim, port) ? EADDRINUSE : this.add({ claim, user, port });
  }

  /**
   * Takes any free port. Who only connects from it may have one that has rested for a second: on the loopback nothing old
   * is still on its way (tcp_tw_reuse).
   */
  takeAny(claim: Claim, user: User | undefined, connecting: boolean): Result<Holder<User>> {
    const { first, last } = EPHEMERAL_PORTS;
    const count = last - first + 1;
    const random = new Uint16Array(1);
    this.kernel.host.entropy.fill(new Uint8Array(random.buffer));
    for (let i = 0; i < count; i++) {
      const port = first + ((random[0]! + i) % count);
      if (this.isFree(port, connecting)) return this.add({ claim, user, port });
    }
    return connecting ? EADDRNOTAVAIL : EADDRINUSE;
  }

  /** Another holder of a port that is in use: the accepted end of a connection has its listener's. */
  add(held: Pick<Holder<User>, "claim" | "port" | "user">, until?: Instant): Holder<User> {
    const holder = new Holder(this, held, until);
    const known = this.ports.get(holder.port) ?? { users: new Set(), connections: new Set(), resting: new Set() };
    this.ports.set(holder.port, known);
    this.forgetRested(known);
    if (until !== undefined) known.resting.add(holder);
    else if (holder.user === undefined) known.connections.add(holder);
    else known.users.add(holder);
    return holder;
  }

  remove(holder: Holder<User>): void {
    const known = this.ports.get(holder.port);
    if (known === undefined) return;
    known.users.delete(holder);
    known.connections.delete(holder);
    known.resting.delete(holder);
    if (known.users.size + known.connections.size + known.resting.size === 0) this.ports.delete(holder.port);
  }

  /** Forgets those of a port whose time is over: a server that closes its connections has one for each. */
  private forgetRested({ resting }: Holders<User>): void {
    const now = this.kernel.now();
    for (const holder of resting) {
      if (holder.until !== undefined && holder.until > now) break;
      resting.delete(holder);
    }
  }

  /** Whether somebody else has the port who does not share it with this claim (inet_bind_conflict). */
  conflicts(claim: Claim, port: number, own?: Holder<User>): boolean {
    for (const other of this.at(port)) if (other !== own && conflict(other.claim, claim)) return true;
    return false;
  }

  /** Those whom what comes for an address and port concerns, in the order in which they took it. */
  *usersOf({ address, port }: Endpoint): Generator<User> {
    for (const holder of this.ports.get(port)?.users ?? []) {
      if (holder.user !== undefined && covers(holder.claim, address)) yield holder.user;
    }
  }

  private isFree(port: number, connecting: boolean): boolean {
    for (const holder of this.at(port)) if (!connecting || !this.hasRested(holder)) return false;
    return true;
  }

  private hasRested({ until }: Holder<User>): boolean {
    return until !== undefined && until - this.kernel.now() <= TIME_WAIT_NS - REUSE_AFTER_NS;
  }

  /** Who holds a port now. */
  private *at(port: number): Generator<Holder<User>> {
    const known = this.ports.get(port);
    if (known === undefined) return;
    this.forgetRested(known);
    yield* known.resting;
    yield* known.connections;
    yield* known.users;
  }
}

/** A claim as it is now. */
export function frozen({ address, bothVersions, sharing }: Claim): Claim {
  const { owner, reuseAddress, reusePort } = sharing;
  return { address, bothVersions, sharing: { owner, reuseAddress, reusePort, listening: false } };
}

/** Whether what comes for an address is for who claims this one. */
function covers(claim: Claim, address: IpAddress): boolean {
  if (claim.address === address) return true;
  if (!isAny(claim.address)) return false;
  return isVersion4(claim.address) === isVersion4(address) || (claim.bothVersions && isVersion4(address));
}

/** Whether something can come that is for both (inet_rcv_saddr_equal), and they do not share. */
function conflict(one: Claim, other: Claim): boolean {
  return (covers(one, other.address) || covers(other, one.address)) && !mayShare(one, other);
}

function mayShare({ sharing: one }: Claim, { sharing: other }: Claim): boolean {
  if (one.reusePort && other.reusePort && one.owner === other.owner) return true;
  return one.reuseAddress && other.reuseAddress && !one.listening;
}
