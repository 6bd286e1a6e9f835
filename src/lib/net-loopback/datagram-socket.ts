/** Datagrams: UDP as a program sees it (net/ipv4/udp.c, datagram.c). */
import {
  EACCES,
  EAGAIN,
  ECONNREFUSED,
  EDESTADDRREQ,
  EINVAL,
  EMSGSIZE,
  ENOTCONN,
  EOPNOTSUPP,
  EPIPE,
  Errno,
  type Result,
} from "../../abi/errno.ts";
import { DATAGRAM_MAX, IPPROTO, SOCKADDR_IN_SIZE } from "../../abi/inet.ts";
import { POLL, POLL_READABLE, POLL_WRITABLE } from "../../abi/poll.ts";
import { AF, MSG, SHUT, SOCK } from "../../abi/socket.ts";
import type { Task } from "../../kernel/task.ts";
import { type Incoming, NOTHING, type Outgoing, releaseFiles } from "../socket/index.ts";
import { type Endpoint, familyIn, type InetFamily, readEndpoint, scopeOf, sockaddrOf } from "./address.ts";
import { asksForNone, InetSocket } from "./inet-socket.ts";
import { broadcast, type DatagramUser, deliver, network } from "./network.ts";
import { OptionStore } from "./options.ts";
import { controlOf, headerFor, type Packet, type PacketHeader } from "./packet.ts";

/** What a datagram costs beside its bytes (struct sk_buff and the rounding of its memory). */
const DATAGRAM_COST = 768;

export class DatagramSocket extends InetSocket<DatagramUser> implements DatagramUser {
  protected override readonly ports = this.kernel.get(network).udp;
  protected override readonly user = this;
  protected override readonly levels: OptionStore;
  /** Whom alone it hears, and whom it talks to where no address is given. */
  remote: Endpoint | undefined;
  private readonly queue: Packet[] = [];
  /** What the queue costs: bounded by the size of the receive buffer. */
  private queued = 0;
  private shut = { receiving: false, sending: false };
  private error: Errno | undefined;

  constructor(task: Task, family: InetFamily) {
    super(task, family, SOCK.DGRAM, IPPROTO.UDP);
    this.levels = new OptionStore(family, IPPROTO.UDP);
  }

  override get listening(): boolean {
    return false;
  }

  protected override get active(): boolean {
    return this.remote !== undefined;
  }

  override get signalsBrokenPipe(): boolean {
    return false;
  }

  /** ip4_datagram_connect, __udp_disconnect */
  connect(_task: Task, sockaddr: Uint8Array): Result<0> {
    if (sockaddr.length < 2) return EINVAL;
    if (asksForNone(sockaddr)) {
      this.remote = undefined;
      this.forgetName();
      return 0;
    }
    const to = this.destination(sockaddr);
    if (to instanceof Errno) return to;
    if (scopeOf(to.address) === "broadcast" && !this.options.switches.has("broadcast")) return EACCES;
    const named = this.takeName();
    if (named instanceof Errno) return named;
    this.own = { ...this.own, address: this.sourceTo(to.address) };
    this.remote = to;
    this.readiness.wake();
    return 0;
  }

  private takeName(): Result<0> {
    return this.bound ? 0 : this.takePort(0);
  }

  /** udp_sendmsg */
  send(_task: Task, { bytes, address, ancillary, flags }: Outgoing): Result<number> {
    // Descriptors do not leave by a network: they are let go of (__sock_cmsg_send).
    releaseFiles(ancillary);
    // Even one that goes nowhere gives the socket a port (inet_send_prepare).
    const named = this.takeName();
    if (named instanceof Errno) return named;
    if (bytes.length > 0xffff) return EMSGSIZE;
    if (flags & MSG.OOB) return EOPNOTSUPP;
    const to = this.receiver(address);
    if (to instanceof Errno) return to;
    const header = headerFor(to.address, this.levels, ancillary.control ?? []);
    if (header instanceof Errno) return header;
    if (bytes.length > DATAGRAM_MAX) return EMSGSIZE;
    const error = this.takeError();
    if (error !== undefined) return error;
    if (this.shut.sending) return EPIPE;
    this.sendTo(to, bytes, header);
    return bytes.length;
  }

  private receiver(address: Uint8Array | undefined): Result<Endpoint> {
    if (address === undefined) return this.remote ?? EDESTADDRREQ;
    const to = this.destination(this.withFamily(address));
    if (to instanceof Errno) return to;
    if (to.port === 0) return EINVAL;
    return scopeOf(to.address) === "broadcast" && !this.options.switches.has("broadcast") ? EACCES : to;
  }

  /** An address without a family is one of the socket's. */
  private withFamily(address: Uint8Array): Uint8Array {
    if (address.length < SOCKADDR_IN_SIZE || familyIn(address) !== AF.UNSPEC) return address;
    return sockaddrOf(this.family, readEndpoint(this.family, address));
  }

  private sendTo(to: Endpoint, bytes: Uint8Array, header: PacketHeader): void {
    const nets = this.kernel.get(network);
    const from = { address: header.source ?? this.sourceTo(to.address), port: this.own.port };
    // The bytes are lent, and may lie in memory that others write to.
    const packet: Packet = { bytes: new Uint8Array(bytes), from, to, header };
    if (scopeOf(to.address) === "broadcast") {
      broadcast(nets, packet);
      return;
    }
    if (deliver(nets, packet) || this.remote === undefined) return;
    // What comes back is that there is no such port: only who is connected to it, or to any, is told.
    if ((this.remote.port !== 0 && this.remote.port !== to.port) || this.remote.address !== to.address) return;
    this.error = ECONNREFUSED;
    this.readiness.wake();
  }

  /** What finds the buffer full is lost (__udp_enqueue_schedule_skb). */
  deliver(packet: Packet): void {
    if (this.queued > this.options.receiveBuffer) return;
    this.queue.push(packet);
    this.queued += packet.bytes.length + DATAGRAM_COST;
    this.readiness.wake();
  }

  /** udp_recvmsg */
  receive(_task: Task, into: Uint8Array, flags: number): Result<Incoming> {
    if (flags & MSG.ERRQUEUE) return EAGAIN;
    const error = this.takeError();
    if (error !== undefined) return error;
    const [first] = this.queue;
    if (first === undefined) return this.shut.receiving && !(flags & MSG.DONTWAIT) ? END : EAGAIN;
    const { bytes, from } = first;
    const length = Math.min(into.length, bytes.length);
    into.set(bytes.subarray(0, length));
    if (!(flags & MSG.PEEK)) {
      this.queue.shift();
      this.queued -= bytes.length + DATAGRAM_COST;
    }
    return {
      length: flags & MSG.TRUNC ? bytes.length : length,
      flags: length < bytes.length ? MSG.TRUNC : 0,
      address: sockaddrOf(this.family, from),
      ancillary: { ...NOTHING, control: controlOf(first, this.family, this.levels) },
    };
  }

  shutdown(how: number): Result<0> {
    if (how < SHUT.RD || how > SHUT.RDWR) return EINVAL;
    this.shut = {
      receiving: this.shut.receiving || how !== SHUT.WR,
      sending: this.shut.sending || how !== SHUT.RD,
    };
    this.readiness.wake();
    return this.remote === undefined ? ENOTCONN : 0;
  }

  peerName(): Result<Uint8Array> {
    return this.remote === undefined || this.remote.port === 0 ? ENOTCONN : sockaddrOf(this.family, this.remote);
  }

  takeError(): Errno | undefined {
    const { error } = this;
    this.error = undefined;
    return error;
  }

  /** datagram_poll */
  override poll(): number {
    const { receiving, sending } = this.shut;
    let ready = this.error === undefined ? 0 : POLL.ERR;
    if (receiving && sending) ready |= POLL.HUP;
    if (receiving) ready |= POLL.RDHUP | POLL_READABLE;
    if (this.queue.length > 0) ready |= POLL_READABLE;
    return ready | POLL_WRITABLE | POLL.WRBAND;
  }

  /** Bytes of the next datagram. */
  protected override get unread(): number {
    return this.queue[0]?.bytes.length ?? 0;
  }

  /** A datagram is there as soon as it is sent. */
  protected override get unsent(): number {
    return 0;
  }
}

/** Nothing will come any more. */
const END: Incoming = Object.freeze({ length: 0, flags: 0, address: undefined, ancillary: NOTHING });
