/** Streams: TCP as a program sees it, without packets (net/ipv4/tcp.c, inet_stream_connect in af_inet.c). */
import {
  EADDRINUSE,
  EAGAIN,
  EALREADY,
  ECONNABORTED,
  ECONNREFUSED,
  ECONNRESET,
  EINPROGRESS,
  EINVAL,
  EISCONN,
  ENOTCONN,
  EOPNOTSUPP,
  EPIPE,
  Errno,
  type Result,
} from "../../abi/errno.ts";
import { IPPROTO } from "../../abi/inet.ts";
import { POLL, POLL_READABLE, POLL_WRITABLE } from "../../abi/poll.ts";
import { MSG, SHUT, SOCK } from "../../abi/socket.ts";
import type { Task } from "../../kernel/task.ts";
import { type Incoming, NOTHING, type Outgoing, releaseFiles } from "../socket/index.ts";
import { type Endpoint, type InetFamily, sockaddrOf } from "./address.ts";
import type { ConnectionEnd, EndUser } from "./connection.ts";
import { asksForNone, InetSocket } from "./inet-socket.ts";
import { Listener, type Waiter } from "./listener.ts";
import { network, open, type StreamUser } from "./network.ts";
import { OptionStore } from "./options.ts";

/** tcp_wmem and tcp_rmem: what a new socket has, and what its send buffer grows to with its first connection. */
const NEW_SEND_BUFFER = 16_384;
const NEW_RECEIVE_BUFFER = 131_072;
const CONNECTED_SEND_BUFFER = 2_626_560;

export class StreamSocket extends InetSocket<StreamUser> implements EndUser, Waiter, StreamUser {
  protected override readonly ports = this.kernel.get(network).tcp;
  protected override readonly user = this;
  protected override readonly levels: OptionStore;
  listener: Listener | undefined;
  private end: ConnectionEnd | undefined;
  /** Where a connect is going that has found no room yet (TCP_SYN_SENT). */
  private calling: { readonly to: Endpoint; readonly queue: Listener } | undefined;
  /** What connect(2) has told of it: a connection is there before that (struct socket's state). */
  private told: "unconnected" | "connecting" | "connected" = "unconnected";
  /** Without a connection: what was shut, and an error that waits to be told. */
  private shut = { receiving: false, sending: false };
  private error: Errno | undefined;

  constructor(task: Pick<Task, "kernel" | "process">, family: InetFamily) {
    super(task, family, SOCK.STREAM, IPPROTO.TCP);
    this.levels = new OptionStore(family, IPPROTO.TCP);
    this.options.sendBuffer = NEW_SEND_BUFFER;
    this.options.receiveBuffer = NEW_RECEIVE_BUFFER;
  }

  get buffers(): EndUser["buffers"] {
    return this.options;
  }

  changed(): void {
    this.readiness.wake();
  }

  override get listening(): boolean {
    return this.listener !== undefined;
  }

  protected override get active(): boolean {
    return this.listening || (this.end !== undefined && !this.end.closed) || this.calling !== undefined;
  }

  override get unfinishedConnect(): Errno {
    return EINPROGRESS;
  }

  override listen(_task: Task, backlog: number): Result<0> {
    if (this.told !== "unconnected" || this.end !== undefined || this.calling !== undefined) return EINVAL;
    if (this.listener !== undefined) {
      this.listener.backlog = backlog;
      this.listener.admit();
      return 0;
    }
    if (!this.bound) {
      const taken = this.takePort(0);
      if (taken instanceof Errno) return taken;
    }
    const listener = new Listener(backlog, this);
    this.listener = listener;
    if (this.portIsTaken) {
      this.listener = undefined;
      return EADDRINUSE;
    }
    this.shut = { receiving: false, sending: false };
    return 0;
  }

  override accept(task: Task): Result<StreamSocket> {
    if (this.listener === undefined) return EINVAL;
    const end = this.listener.take();
    if (end === undefined) return EAGAIN;
    const made = new StreamSocket(task, this.family);
    made.inherit(this);
    made.adopt(end);
    made.told = "connected";
    return made;
  }

  /** What an accepted socket has of its listener (sk_clone_lock). */
  private inherit(listener: StreamSocket): void {
    const { options, levels } = listener;
    this.keepAddressAs(listener);
    Object.assign(this.options, options, { switches: new Set(options.switches) });
    this.levels.copyFrom(levels);
  }

  /** Takes an end of a connection for its own. */
  private adopt(end: ConnectionEnd): void {
    this.end = end;
    end.user = this;
    end.heldPort ??= this.passPort();
    this.own = end.local;
    this.calling = undefined;
    if (this.options.sendBuffer === NEW_SEND_BUFFER) this.options.sendBuffer = CONNECTED_SEND_BUFFER;
    this.readiness.wake();
  }

  connect(_task: Task, sockaddr: Uint8Array): Result<0> {
    if (sockaddr.length < 2) return EINVAL;
    if (asksForNone(sockaddr)) return this.disconnect();
    if (this.told === "connected") return EISCONN;
    if (this.told === "connecting") return this.finishConnect(EALREADY);
    if (this.active) return EISCONN;
    const to = this.destination(sockaddr);
    if (to instanceof Errno) return to;
    const called = this.call(to);
    if (called instanceof Errno) return called;
    return this.nonBlocking ? EINPROGRESS : this.finishConnect(EINPROGRESS);
  }

  /** Begins to connect (tcp_v4_connect). What becomes of it is told by {@link finishConnect}. */
  private call(to: Endpoint): Result<0> {
    const before = this.own;
    this.own = { ...before, address: this.sourceTo(to.address) };
    if (!this.bound) {
      const taken = this.takePort(0, true);
      if (taken instanceof Errno) {
        this.own = before;
        return taken;
      }
    }
    this.told = "connecting";
    this.error = undefined;
    this.dial(to);
    return 0;
  }

  private dial(to: Endpoint): void {
    const opened = open(this.kernel.get(network), { from: this.own, user: this }, to);
    this.calling = undefined;
    if (opened === "refused") this.refused();
    else if (opened instanceof Listener) {
      this.calling = { to, queue: opened };
      opened.block(this);
    } else this.adopt(opened);
  }

  /** There may be room at whom it calls, or nobody any more. */
  tryAgain(): void {
    if (this.calling !== undefined) this.dial(this.calling.to);
  }

  /** Its call was answered by a reset. */
  private refused(): void {
    this.error = ECONNREFUSED;
    this.shut = { receiving: true, sending: true };
    if (!this.portFixed) this.releasePort();
    this.readiness.wake();
  }

  /** How a connect stands: connected, refused, or still on its way. */
  private finishConnect(unfinished: Errno): Result<0> {
    if (this.calling !== undefined) return this.nonBlocking ? unfinished : EAGAIN;
    if (this.end !== undefined && !this.end.closed) {
      this.told = "connected";
      return 0;
    }
    const why = this.takeError() ?? ECONNABORTED;
    this.disconnect();
    return why;
  }

  /** Breaks off what there is, and makes the socket as new (tcp_disconnect). */
  private disconnect(): 0 {
    const { end, listener } = this;
    this.stopCalling();
    this.listener = undefined;
    listener?.close();
    if (end !== undefined) {
      // Who breaks off a connection finds that it was reset.
      this.error = end.closed ? end.error : ECONNRESET;
      end.leave(true);
      this.end = undefined;
    }
    this.shut = { receiving: false, sending: false };
    this.told = "unconnected";
    const { port } = this.own;
    this.forgetName();
    // getsockname(2) still tells the port that it had.
    this.own = { ...this.own, port };
    this.readiness.wake();
    return 0;
  }

  private stopCalling(): void {
    this.calling?.queue.unblock(this);
    this.calling = undefined;
  }

  send(_task: Task, { bytes, ancillary, flags }: Outgoing): Result<number> {
    // Descriptors do not leave by a network: they are let go of (__sock_cmsg_send).
    releaseFiles(ancillary);
    if (this.calling !== undefined) return EAGAIN;
    const error = this.takeError();
    if (error !== undefined) return error;
    const { end } = this;
    if (end === undefined || this.sendShut || this.listening) return EPIPE;
    if (flags & MSG.OOB) return EOPNOTSUPP;
    const done = end.send(bytes);
    return done === 0 && bytes.length > 0 ? EAGAIN : done;
  }

  /** tcp_recvmsg_locked */
  receive(_task: Task, into: Uint8Array, flags: number): Result<Incoming> {
    if (flags & MSG.ERRQUEUE) return EAGAIN;
    if (this.listening) return ENOTCONN;
    // There is never an urgent byte to take.
    if (flags & MSG.OOB) return EINVAL;
    const { end } = this;
    const available = end?.inbox.length ?? 0;
    if (end !== undefined && available > 0 && !this.waitsForMore(into.length)) return this.take(end, into, flags);
    if (available > 0) return EAGAIN;
    if (end?.gotEnd) return END;
    const error = this.takeError();
    if (error !== undefined) return error;
    if (this.receiveShut) return END;
    return end === undefined && this.calling === undefined ? ENOTCONN : EAGAIN;
  }

  private take(end: ConnectionEnd, into: Uint8Array, flags: number): Incoming {
    if (flags & MSG.PEEK) return { ...END, length: end.inbox.peek(into) };
    if (!(flags & MSG.TRUNC)) return { ...END, length: end.read(into) };
    const length = Math.min(into.length, end.inbox.length);
    end.skip(length);
    return { ...END, length };
  }

  /** Whether SO_RCVLOWAT has a reader wait for more than there is. */
  private waitsForMore(wanted: number): boolean {
    const { lowWater } = this.options;
    const available = this.end?.inbox.length ?? 0;
    return (
      lowWater > 1 && !this.receiveShut && this.pendingError === undefined && available < Math.min(lowWater, wanted)
    );
  }

  private get receiveShut(): boolean {
    return this.shut.receiving || (this.end?.readShut ?? false);
  }

  private get sendShut(): boolean {
    return this.shut.sending || (this.end !== undefined && (this.end.sentEnd || this.end.closed));
  }

  private get pendingError(): Errno | undefined {
    return this.end?.error ?? this.error;
  }

  takeError(): Errno | undefined {
    const error = this.pendingError;
    this.error = undefined;
    if (this.end !== undefined) this.end.error = undefined;
    return error;
  }

  /** inet_shutdown */
  shutdown(how: number): Result<0> {
    if (how < SHUT.RD || how > SHUT.RDWR) return EINVAL;
    const receiving = how !== SHUT.WR;
    const sending = how !== SHUT.RD;
    const { end } = this;
    if (this.listening || this.calling !== undefined) {
      if (receiving || this.calling !== undefined) this.disconnect();
      return 0;
    }
    if (this.told === "connecting") this.told = "connected";
    if (end === undefined || end.closed) {
      this.shut = { receiving: this.shut.receiving || receiving, sending: this.shut.sending || sending };
      this.readiness.wake();
      return ENOTCONN;
    }
    if (receiving) end.readShut = true;
    if (sending) end.finish();
    this.readiness.wake();
    return 0;
  }

  peerName(): Result<Uint8Array> {
    return this.end === undefined || this.end.closed ? ENOTCONN : this.originName();
  }

  /** The peer's name, also when the connection is over by now. */
  override originName(): Result<Uint8Array> {
    return this.end === undefined ? ENOTCONN : sockaddrOf(this.family, this.end.remote);
  }

  /** tcp_poll */
  override poll(): number {
    if (this.listener !== undefined) return this.listener.hasWaiting ? POLL_READABLE : 0;
    const { end, receiveShut, sendShut } = this;
    let ready = this.pendingError === undefined ? 0 : POLL.ERR;
    if (this.calling !== undefined) return ready;
    if ((receiveShut && sendShut) || end === undefined || end.closed) ready |= POLL.HUP;
    if (receiveShut) ready |= POLL.RDHUP | POLL_READABLE;
    if (end !== undefined && end.inbox.length >= this.options.lowWater) ready |= POLL_READABLE;
    return sendShut || end === undefined || end.writable ? ready | POLL_WRITABLE : ready;
  }

  protected override get unread(): Result<number> {
    return this.listening ? EINVAL : (this.end?.inbox.length ?? 0);
  }

  protected override get unsent(): Result<number> {
    return this.listening ? EINVAL : (this.end?.unsent ?? 0);
  }

  protected override released(): void {
    const { listener, end } = this;
    const { on, seconds } = this.options.linger;
    this.stopCalling();
    this.listener = undefined;
    super.released();
    listener?.close();
    end?.leave(on !== 0 && seconds === 0);
  }
}

/** Nothing will come any more. */
const END: Incoming = Object.freeze({ length: 0, flags: 0, address: undefined, ancillary: NOTHING });
