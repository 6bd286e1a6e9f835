/** What all AF_UNIX sockets have: a queue of messages, a name, a peer, two directions to shut (net/unix/af_unix.c). */
import { EINVAL, ENOTCONN, EOPNOTSUPP, type Errno, type Result } from "../../abi/errno.ts";
import { IOCTL } from "../../abi/ioctl.ts";
import { POLL, POLL_READABLE, POLL_WRITABLE } from "../../abi/poll.ts";
import { AF, MSG, SHUT } from "../../abi/socket.ts";
import type { Gid, GuestPtr, Uid } from "../../abi/types.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import type { OpenFile } from "../posix-fdtab/index.ts";
import { credentialsOf } from "../posix-user/index.ts";
import { type Ancillary, type Identity, identityOf, type Outgoing, releaseFiles, Socket } from "../socket/index.ts";
import { type Carrier, type InFlight, socketsInFlight } from "./in-flight.ts";
import { asksForAny, bindAny, bindName, NAMELESS, type Name } from "./names.ts";

/** A message in a queue. */
export interface Message {
  readonly bytes: Uint8Array;
  /** What it takes of its sender's buffer. */
  readonly cost: number;
  /** Bytes of it that a stream's reader has had. */
  start: number;
  readonly sender: UnixSocket;
  ancillary: Ancillary;
}

type Sent = Pick<Outgoing, "bytes" | "ancillary">;

/** SO_PEERCRED of a socket without a peer: no pid, and ids that are none. */
const NO_PEER: Identity = Object.freeze({ pid: 0, uid: 0xffff_ffff as Uid, gid: 0xffff_ffff as Gid });

export abstract class UnixSocket extends Socket implements Carrier {
  peer: UnixSocket | undefined;
  override peerIdentity = NO_PEER;
  /** Sockets that found no room here: woken when there is some (peer_wait). */
  readonly blocked = new Set<UnixSocket>();
  receiveShut = false;
  sendShut = false;
  /** Nobody has it open any more. */
  gone = false;
  /** Told by the next call that asks. */
  error: Errno | undefined;
  readonly queue: Message[] = [];
  /** What this socket sent and nobody has read: bounded by the size of its send buffer. */
  private inFlight = 0;
  /** Sockets on their way. */
  protected readonly travelling: InFlight;
  private ownName: Name | undefined;
  private forgetName = (): unknown => undefined;

  constructor({ kernel }: Task, type: number) {
    super(kernel, AF.UNIX, type, 0);
    this.travelling = kernel.get(socketsInFlight);
  }

  get listening(): boolean {
    return false;
  }

  /** Whether poll(2) says that it is hung up before it was ever connected. */
  protected abstract get unconnected(): boolean;

  /** Bytes that can be read. */
  protected get available(): number {
    let sum = 0;
    for (const { bytes, start } of this.queue) sum += bytes.length - start;
    return sum;
  }

  /** Whether another message may be sent, as far as the send buffer goes (sock_alloc_send_pskb). */
  get hasRoom(): boolean {
    return this.inFlight < this.options.sendBuffer;
  }

  /** Whether poll(2) calls it writable: when a quarter of its send buffer is used at most (unix_writable). */
  protected get writableNow(): boolean {
    return !this.listening && this.inFlight * 4 <= this.options.sendBuffer;
  }

  bind(task: Task, address: Uint8Array): Answer<0> {
    if (asksForAny(address)) return this.ownName === undefined ? bindAny(task, this) : 0;
    return this.ownName === undefined ? bindName(task, this, address) : EINVAL;
  }

  /** Who asks for identities is known by a name (unix_autobind in the calls that send). */
  protected nameForIdentity(task: Task): Result<0> {
    return this.options.passIdentity && this.ownName === undefined ? bindAny(task, this) : 0;
  }

  /** It has got a name; `forget` takes it out of the table of names. */
  named(name: Name, forget: () => unknown): void {
    this.ownName = name;
    this.forgetName = forget;
  }

  /** The other end of a connection has its listener's name. */
  protected borrowName(from: UnixSocket): void {
    this.ownName = from.ownName;
  }

  get bound(): boolean {
    return this.ownName !== undefined;
  }

  name(): Name {
    return this.ownName ?? NAMELESS;
  }

  /** What a receiver is told of where a message comes from: nothing of one without a name. */
  get returnAddress(): Name | undefined {
    return this.ownName;
  }

  peerName(): Result<Name> {
    return this.peer === undefined ? ENOTCONN : this.peer.name();
  }

  takeError(): Errno | undefined {
    const { error } = this;
    this.error = undefined;
    return error;
  }

  fail(error: Errno): void {
    this.error = error;
    this.readiness.wake();
  }

  shutdown(how: number): Result<0> {
    if (how < SHUT.RD || how > SHUT.RDWR) return EINVAL;
    this.shut(how !== SHUT.WR, how !== SHUT.RD);
    return 0;
  }

  shut(receiving: boolean, sending: boolean): void {
    this.receiveShut ||= receiving;
    this.sendShut ||= sending;
    this.readiness.wake();
    this.wakeBlocked();
  }

  override poll(): number {
    let ready = this.error === undefined ? 0 : POLL.ERR;
    if (this.receiveShut && this.sendShut) ready |= POLL.HUP;
    if (this.receiveShut) ready |= POLL.RDHUP | POLL_READABLE;
    if (this.hasWaiting) ready |= POLL_READABLE;
    if (this.unconnected) ready |= POLL.HUP;
    return this.writableNow ? ready | POLL_WRITABLE | POLL.WRBAND : ready;
  }

  /** Whether there is something to take: a message, or a connection. */
  protected get hasWaiting(): boolean {
    return this.queue.length > 0;
  }

  override ioctl(task: Task, request: number, argument: number): Answer {
    if (request === IOCTL.TIOCOUTQ) return task.mm.writeU32(argument as GuestPtr, this.inFlight);
    if (request !== IOCTL.FIONREAD) return super.ioctl(task, request, argument);
    return this.listening ? EINVAL : task.mm.writeU32(argument as GuestPtr, this.unread);
  }

  /** What FIONREAD answers. */
  protected get unread(): number {
    return this.available;
  }

  /** Puts a message, or a part of one, into a receiver's queue. */
  deliver(task: Task, receiver: UnixSocket, { bytes, ancillary: { files, identity } }: Sent, cost: number): void {
    const asked = this.options.passIdentity || receiver.options.passIdentity;
    // The bytes are lent, and may lie in memory that others write to.
    const message: Message = {
      bytes: new Uint8Array(bytes),
      cost,
      start: 0,
      sender: this,
      ancillary: { files, identity: identity ?? (asked ? identityOf(task) : undefined) },
    };
    this.travelling.entered(files);
    this.inFlight += cost;
    receiver.queue.push(message);
    receiver.readiness.wake();
  }

  /** Takes the first message out of the queue: its sender may have room again. */
  takeFirst(): void {
    const message = this.queue.shift();
    if (message === undefined) return;
    this.travelling.left(message.ancillary.files);
    message.sender.arrived(message.cost);
    this.wakeBlocked();
  }

  private arrived(cost: number): void {
    const before = this.writableNow;
    this.inFlight -= cost;
    if (!before && this.writableNow) this.readiness.wake();
  }

  protected wakeBlocked(): void {
    for (const socket of this.blocked) {
      this.blocked.delete(socket);
      socket.readiness.wake();
    }
  }

  /** Lets go of all that nobody will read. */
  discardQueue(): void {
    for (let message = this.queue[0]; message !== undefined; message = this.queue[0]) {
      this.takeFirst();
      releaseFiles(message.ancillary);
    }
  }

  /** See {@link Carrier.carried}. */
  carried(): readonly OpenFile[] {
    return this.queue.flatMap(({ ancillary }) => ancillary.files);
  }

  override drop(): void {
    super.drop();
    this.travelling.collect();
  }

  protected override released(): void {
    this.gone = true;
    this.forgetName();
    this.receiveShut = true;
    this.sendShut = true;
    this.discardQueue();
    this.wakeBlocked();
  }
}

/** Out-of-band data is an option of Linux's AF_UNIX that this one does not have. */
export function refusesFlags(flags: number): Errno | undefined {
  return flags & MSG.OOB ? EOPNOTSUPP : undefined;
}

/** What the other end of a connection is told of a process (init_peercred). */
export function identityOfPeer({ process }: Task): Identity {
  const { euid, egid } = credentialsOf(process);
  return { pid: process.pid, uid: euid, gid: egid };
}
