/** Sockets that ask the kernel of its network (netlink(7); net/netlink/af_netlink.c). */
import {
  EADDRINUSE,
  EAGAIN,
  ECONNREFUSED,
  EINVAL,
  EMSGSIZE,
  ENOPROTOOPT,
  EOPNOTSUPP,
  type Errno,
  type Result,
} from "../../abi/errno.ts";
import { sockaddrNl } from "../../abi/netlink.ts";
import { POLL, POLL_READABLE, POLL_WRITABLE } from "../../abi/poll.ts";
import { AF, MSG } from "../../abi/socket.ts";
import type { Gid, Uid } from "../../abi/types.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import { type Identity, type Incoming, NOTHING, type Outgoing, releaseFiles, Socket } from "../socket/index.ts";
import { answer } from "./messages.ts";

/** What sockets are called: numbers that nobody else has. */
const taken = perKernel(() => ({ ports: new Set<number>(), next: FIRST_FREE }));

/** Where numbers begin for who cannot have its process's own: from here downwards. */
const FIRST_FREE = 2 ** 32 - 4097;
/** Room of the send buffer that is not for the message. */
const SPARE = 32;

export class RouteSocket extends Socket {
  override readonly peerIdentity: Identity = { pid: 0, uid: 0xffff_ffff as Uid, gid: 0xffff_ffff as Gid };
  private readonly ports: { readonly ports: Set<number>; next: number };
  /** 0 is the kernel's number, and that of a socket without one. */
  private port = 0;
  private groups = 0;
  private readonly queue: Uint8Array[] = [];

  constructor({ kernel }: Task, type: number, protocol: number) {
    super(kernel, AF.NETLINK, type, protocol);
    this.ports = kernel.get(taken);
  }

  override get listening(): boolean {
    return false;
  }

  override get signalsBrokenPipe(): boolean {
    return false;
  }

  /** netlink_bind: a number of its own, and groups of which news would come; here nothing ever changes. */
  bind(task: Task, sockaddr: Uint8Array): Result<0> {
    const wanted = parse(sockaddr);
    if (wanted === undefined) return EINVAL;
    if (this.port !== 0 && wanted.port !== this.port && wanted.port !== 0) return EINVAL;
    if (this.port === 0) {
      if (wanted.port === 0) this.takePort(task);
      else if (this.ports.ports.has(wanted.port)) return EADDRINUSE;
      else this.has(wanted.port);
    }
    this.groups = wanted.groups;
    return 0;
  }

  /** Takes the process's number if nobody has it (netlink_autobind). */
  private takePort({ process }: Task): void {
    const { ports } = this;
    if (!ports.ports.has(process.pid)) {
      this.has(process.pid);
      return;
    }
    while (ports.ports.has(ports.next)) ports.next--;
    this.has(ports.next);
  }

  private has(port: number): void {
    this.port = port;
    this.ports.ports.add(port);
  }

  connect(task: Task, sockaddr: Uint8Array): Result<0> {
    const to = parse(sockaddr);
    if (to === undefined) return EINVAL;
    if (to.port !== 0) return ECONNREFUSED;
    if (this.port === 0) this.takePort(task);
    return 0;
  }

  /** netlink_sendmsg: the kernel answers at once. */
  send(task: Task, { bytes, address, ancillary, flags }: Outgoing): Result<number> {
    releaseFiles(ancillary);
    if (flags & MSG.OOB) return EOPNOTSUPP;
    const to = address === undefined ? KERNEL : parse(address);
    if (to === undefined) return EINVAL;
    if (to.port !== 0) return ECONNREFUSED;
    if (this.port === 0) this.takePort(task);
    if (bytes.length > this.options.sendBuffer - SPARE) return EMSGSIZE;
    for (const message of answer(new Uint8Array(bytes), this.port)) this.deliver(message);
    return bytes.length;
  }

  /** A message of the kernel. */
  deliver(message: Uint8Array): void {
    this.queue.push(message);
    this.readiness.wake();
  }

  receive(_task: Task, into: Uint8Array, flags: number): Result<Incoming> {
    if (flags & MSG.OOB) return EOPNOTSUPP;
    const [first] = this.queue;
    if (first === undefined) return EAGAIN;
    const length = Math.min(into.length, first.length);
    into.set(first.subarray(0, length));
    if (!(flags & MSG.PEEK)) this.queue.shift();
    return {
      length: flags & MSG.TRUNC ? first.length : length,
      flags: length < first.length ? MSG.TRUNC : 0,
      address: this.peerName(),
      ancillary: NOTHING,
    };
  }

  shutdown(): Result<0> {
    return EOPNOTSUPP;
  }

  override setOption(): Result<0> {
    return ENOPROTOOPT;
  }

  override getOption(): Result<Uint8Array> {
    return ENOPROTOOPT;
  }

  name(): Uint8Array {
    return sockaddr(this.port, this.groups);
  }

  peerName(): Uint8Array {
    return sockaddr(0, 0);
  }

  takeError(): Errno | undefined {
    return undefined;
  }

  override poll(): number {
    return (this.queue.length > 0 ? POLL_READABLE : 0) | POLL_WRITABLE | POLL.WRBAND;
  }

  protected override released(): void {
    this.ports.ports.delete(this.port);
  }
}

const KERNEL = { port: 0, groups: 0 };

function parse(address: Uint8Array): { readonly port: number; readonly groups: number } | undefined {
  if (address.length < sockaddrNl.size) return undefined;
  const given = sockaddrNl.read(new DataView(address.buffer, address.byteOffset), 0);
  return given.family === AF.NETLINK ? given : undefined;
}

function sockaddr(port: number, groups: number): Uint8Array {
  const bytes = new Uint8Array(sockaddrNl.size);
  sockaddrNl.write(new DataView(bytes.buffer), 0, { family: AF.NETLINK, pad: 0, port, groups });
  return bytes;
}
