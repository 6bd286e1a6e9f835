/** What sockets of both internet families have: a name, a port, options of their own levels (net/ipv4/af_inet.c). */
import { CAP } from "../../abi/capability.ts";
import {
  EACCES,
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  EINVAL,
  ENETUNREACH,
  ENOPROTOOPT,
  EOPNOTSUPP,
  Errno,
  type Result,
} from "../../abi/errno.ts";
import { FIRST_UNPRIVILEGED_PORT, IPPROTO, IPV6 } from "../../abi/inet.ts";
import { IOCTL } from "../../abi/ioctl.ts";
import { AF } from "../../abi/socket.ts";
import type { Gid, GuestPtr, Uid } from "../../abi/types.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { credentialsOf, hasCapability } from "../posix-user/index.ts";
import { type Identity, type Setting, Socket } from "../socket/index.ts";
import {
  ANY4,
  ANY6,
  anyOf,
  destinationOf,
  type Endpoint,
  familyIn,
  type InetFamily,
  type IpAddress,
  isAny,
  isVersion4,
  parseEndpoint,
  readEndpoint,
  scopeOf,
  sockaddrOf,
  sourceFor,
} from "./address.ts";
import type { HeldPort } from "./connection.ts";
import type { OptionStore } from "./options.ts";
import type { Claim, Holder, PortTable, Sharing } from "./port-table.ts";

/** SO_PEERCRED: nobody vouches for who is at the other end of a network. */
const NO_PEER: Identity = Object.freeze({ pid: 0, uid: 0xffff_ffff as Uid, gid: 0xffff_ffff as Gid });

export abstract class InetSocket<User> extends Socket {
  override readonly peerIdentity = NO_PEER;
  declare readonly family: InetFamily;
  /** Its own address and port, as getsockname(2) tells them. */
  protected own: Endpoint;
  /** What bind(2) set stays when a peer goes. */
  private fixed = { address: false, port: false };
  private held: Holder<User> | undefined;
  private readonly owner: Uid;
  protected readonly kernel: Task["kernel"];

  constructor(task: Pick<Task, "kernel" | "process">, family: InetFamily, type: number, protocol: number) {
    super(task.kernel, family, type, protocol);
    this.kernel = task.kernel;
    this.owner = credentialsOf(task.process).euid;
    this.own = { address: anyOf(family), port: 0 };
  }

  protected abstract readonly ports: PortTable<User>;
  /** Whom the port table knows: the socket itself. */
  protected abstract readonly user: User;
  /** Options of levels other than SOL_SOCKET. */
  protected abstract readonly levels: OptionStore;
  /** Whether it has a peer, or listens: then it takes no name. */
  protected abstract readonly active: boolean;

  override get sharesPorts(): boolean {
    return true;
  }

  override get hasErrorQueue(): boolean {
    return true;
  }

  /** What the port table knows of it: as it is whenever that looks. */
  readonly claim: Claim = this.makeClaim();

  private makeClaim(): Claim {
    const socket = this;
    const sharing: Sharing = {
      get owner() {
        return socket.owner;
      },
      get reuseAddress() {
        return socket.options.switches.has("reuseAddress");
      },
      get reusePort() {
        return socket.options.switches.has("reusePort");
      },
      get listening() {
        return socket.listening;
      },
    };
    return {
      get address() {
        return socket.own.address;
      },
      get bothVersions() {
        return socket.own.address === ANY6 && !socket.onlyVersion6;
      },
      sharing,
    };
  }

  protected get onlyVersion6(): boolean {
    return this.levels.get(IPPROTO.IPV6, IPV6.V6ONLY) === 1;
  }

  /** Whether bind(2) gave it its port. */
  protected get portFixed(): boolean {
    return this.fixed.port;
  }

  protected get bound(): boolean {
    return this.held !== undefined;
  }

  /** __inet_bind, __inet6_bind */
  bind(task: Task, sockaddr: Uint8Array): Result<0> {
    const wanted = this.parseName(sockaddr);
    if (wanted instanceof Errno) return wanted;
    const { address, port } = wanted;
    if (!isAny(address) && scopeOf(address) === "unreachable") return EADDRNOTAVAIL;
    if (port !== 0 && port < FIRST_UNPRIVILEGED_PORT && !hasCapability(task.process, CAP.NET_BIND_SERVICE))
      return EACCES;
    if (this.active || this.bound || this.portFixed) return EINVAL;
    const before = this.own;
    this.own = { address, port };
    const taken = this.takePort(port);
    if (taken instanceof Errno) {
      this.own = before;
      return taken;
    }
    this.fixed = { address: !isAny(address), port: port !== 0 };
    return 0;
  }

  /** The address that a bind is given. */
  private parseName(sockaddr: Uint8Array): Result<Endpoint> {
    const { family } = this;
    const given = parseEndpoint(family, sockaddr);
    if (given === EAFNOSUPPORT && family === AF.INET && familyIn(sockaddr) === AF.UNSPEC) {
      // Old programs leave the family out where they mean any address.
      const unspecified = readEndpoint(family, sockaddr);
      return unspecified.address === ANY4 ? unspecified : EAFNOSUPPORT;
    }
    if (given instanceof Errno) return given;
    return family === AF.INET6 && isVersion4(given.address) && this.onlyVersion6 ? EINVAL : given;
  }

  /** Takes a port for the socket: this one, or any that is free for 0. */
  protected takePort(port: number, connecting = false): Result<0> {
    const { claim, user, ports } = this;
    const holder = connecting ? ports.takeAny(claim, user, true) : ports.take(claim, user, port);
    if (holder instanceof Errno) return holder;
    this.held = holder;
    this.own = { ...this.own, port: holder.port };
    return 0;
  }

  /** Whether somebody has its port who does not share it any more, now that it listens. */
  protected get portIsTaken(): boolean {
    return this.held !== undefined && this.ports.conflicts(this.claim, this.held.port, this.held);
  }

  /** Gives its port to a connection, which may outlive it. */
  protected passPort(): HeldPort | undefined {
    const { held, ports } = this;
    if (held === undefined) return undefined;
    this.releasePort();
    return ports.add({ claim: held.claim, port: held.port, user: undefined });
  }

  /** Lets go of the port that it has. */
  protected releasePort(): void {
    this.held?.release();
    this.held = undefined;
  }

  /** An accepted socket keeps its listener's address, not its port (sk_clone_lock). */
  protected keepAddressAs(listener: InetSocket<User>): void {
    this.fixed = { address: listener.fixed.address, port: false };
  }

  /** Forgets what connect(2) set of its name (inet_reset_saddr, inet_put_port). */
  protected forgetName(): void {
    if (!this.fixed.port) this.releasePort();
    this.own = {
      address: this.fixed.address ? this.own.address : anyOf(this.family),
      port: this.fixed.port ? this.own.port : 0,
    };
  }

  /** Where an address leads: EINVAL, EAFNOSUPPORT, ENETUNREACH for all that is not this machine. */
  protected destination(sockaddr: Uint8Array): Result<Endpoint> {
    const given = parseEndpoint(this.family, sockaddr);
    return given instanceof Errno ? given : this.route(given);
  }

  protected route({ address, port }: Endpoint): Result<Endpoint> {
    // No address is the socket's own, if it has one (ip_route_output_key_hash_rcu).
    const { own } = this;
    const to = { address: isAny(address) && !isAny(own.address) ? own.address : destinationOf(address), port };
    if (scopeOf(to.address) === "unreachable") return ENETUNREACH;
    const crosses = isVersion4(to.address) !== isVersion4(this.own.address);
    if (crosses && (this.onlyVersion6 || !isAny(this.own.address))) return ENETUNREACH;
    return to;
  }

  /** The address that it has when it talks to another. */
  protected sourceTo(destination: IpAddress): IpAddress {
    return isAny(this.own.address) ? sourceFor(destination) : this.own.address;
  }

  name(): Uint8Array {
    return sockaddrOf(this.family, this.own);
  }

  override setOption(task: Task, setting: Setting): Result<0> {
    const { level, option } = setting;
    if (level === IPPROTO.IPV6 && option === IPV6.V6ONLY && this.bound) return EINVAL;
    return this.levels.set(task, setting);
  }

  override getOption(level: number, option: number): Result<Uint8Array> {
    const value = this.levels.get(level, option);
    if (value !== undefined) return new Uint8Array(new Int32Array([value]).buffer);
    return this.levels.has(level) ? ENOPROTOOPT : EOPNOTSUPP;
  }

  override ioctl(task: Task, request: number, argument: number): Answer {
    if (request !== IOCTL.FIONREAD && request !== IOCTL.TIOCOUTQ) return super.ioctl(task, request, argument);
    const value = request === IOCTL.FIONREAD ? this.unread : this.unsent;
    return value instanceof Errno ? value : task.mm.writeU32(argument as GuestPtr, value);
  }

  /** What FIONREAD and SIOCOUTQ answer. */
  protected abstract readonly unread: Result<number>;
  protected abstract readonly unsent: Result<number>;

  protected override released(): void {
    this.releasePort();
  }
}

/** A sockaddr of AF_UNSPEC takes a peer away. */
export function asksForNone(sockaddr: Uint8Array): boolean {
  return familyIn(sockaddr) === AF.UNSPEC;
}
