/** What a socket is to the calls on it; families say how it does that. */
import { EAGAIN, EDOM, ENOTTY, EOPNOTSUPP, Errno, type Result } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import { MSG, SOCK, SOCK_FLAG } from "../../abi/socket.ts";
import { S } from "../../abi/stat.ts";
import type { Gid, GuestPtr, Uid } from "../../abi/types.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { ExtensionPoint } from "../../kernel/library.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { AnonymousInode, type AttributeChanges, type Attributes, OpenFile } from "../posix-fdtab/index.ts";

/** Who a process says it is, or is known to be (struct ucred). */
export interface Identity {
  readonly pid: number;
  readonly uid: Uid;
  readonly gid: Gid;
}

/** Something beside a message of another level than SOL_SOCKET (struct cmsghdr): its family knows what it means. */
export interface ControlMessage {
  readonly level: number;
  readonly type: number;
  readonly data: Uint8Array;
}

/** What travels beside the bytes of a message: descriptors, each held by the message, and the sender's identity. */
export interface Ancillary {
  readonly files: readonly OpenFile[];
  readonly identity: Identity | undefined;
  readonly control?: readonly ControlMessage[];
}

export const NOTHING: Ancillary = Object.freeze({ files: [], identity: undefined });

/** A message on its way out. */
export interface Outgoing {
  /** Lent: who keeps them copies them. */
  readonly bytes: Uint8Array;
  /** A sockaddr; undefined for the peer. */
  readonly address: Uint8Array | undefined;
  readonly ancillary: Ancillary;
  /** MSG_* bits; MSG_DONTWAIT is set for a socket that does not wait either. */
  readonly flags: number;
}

/** What a receive brought. */
export interface Incoming {
  /** Bytes that were stored; of a packet with MSG_TRUNC all that it had. */
  readonly length: number;
  /** MSG_* bits of the answer. */
  readonly flags: number;
  /** Of whom; undefined if it has none. */
  readonly address: Uint8Array | undefined;
  readonly ancillary: Ancillary;
}

/** A family of addresses (socket(2)'s first argument). */
export interface SocketFamily {
  readonly family: number;
  /** ESOCKTNOSUPPORT, EPROTONOSUPPORT … as the family's create(). */
  create(task: Task, type: number, protocol: number): Result<Socket>;
  /** Makes two sockets each other's peers. EOPNOTSUPP where a family has no pairs. */
  pair(task: Task, one: Socket, other: Socket): Result<0>;
}

/** Requests of ioctl(2) that sockets of every family answer; undefined for those of others. */
export const socketIoctl = new ExtensionPoint<
  (task: Task, socket: Socket, request: number, argument: GuestPtr) => Result<number> | undefined
>("socketIoctl");

export const socketFamily = new ExtensionPoint<SocketFamily>("socketFamily");

/** A switch that setsockopt(2) sets; whether there is anything for it to act on, the family knows. */
type Switch = "debug" | "reuseAddress" | "reusePort" | "dontRoute" | "broadcast" | "keepAlive" | "oobInline";

/** What setsockopt(2) is given. */
export interface Setting {
  readonly level: number;
  readonly option: number;
  readonly at: GuestPtr;
  readonly length: number;
}

/** What SOL_SOCKET options set. Sizes in bytes; timeouts in nanoseconds, undefined for none. */
export interface SocketOptions {
  readonly switches: Set<Switch>;
  sendBuffer: number;
  receiveBuffer: number;
  lowWater: number;
  receiveTimeoutNs: number | undefined;
  sendTimeoutNs: number | undefined;
  linger: { readonly on: number; readonly seconds: number };
  /** SO_PASSCRED: messages bring their senders' identities. */
  passIdentity: boolean;
}

/** net.core.wmem_default and rmem_default. */
const DEFAULT_BUFFER = 212_992;

/**
 * An open socket. As with every open file, what cannot be done now is EAGAIN, and `readiness` is woken when that may have
 * changed.
 */
export abstract class Socket extends OpenFile {
  readonly family: number;
  readonly socketType: number;
  readonly protocol: number;
  readonly options: SocketOptions = {
    switches: new Set(),
    sendBuffer: DEFAULT_BUFFER,
    receiveBuffer: DEFAULT_BUFFER,
    lowWater: 1,
    receiveTimeoutNs: undefined,
    sendTimeoutNs: undefined,
    linger: { on: 0, seconds: 0 },
    passIdentity: false,
  };
  /** Whom the other end belongs to (SO_PEERCRED). */
  abstract readonly peerIdentity: Identity;
  abstract readonly listening: boolean;
  private readonly inode: AnonymousInode;

  constructor(kernel: Kernel, family: number, type: number, protocol: number) {
    super(O.RDWR);
    this.family = family;
    this.socketType = type;
    this.protocol = protocol;
    this.inode = new AnonymousInode(kernel, S.IFSOCK | S.RWX);
  }

  abstract bind(task: Task, address: Uint8Array): Answer<0>;
  abstract connect(task: Task, address: Uint8Array): Answer<0>;
  abstract send(task: Task, message: Outgoing): Answer;
  abstract receive(task: Task, into: Uint8Array, flags: number): Result<Incoming>;
  /** @param how - SHUT_* */
  abstract shutdown(how: number): Result<0>;
  /** Its own sockaddr; one without a name has a family only. */
  abstract name(): Uint8Array;
  abstract peerName(): Result<Uint8Array>;
  /** Takes the error that waits to be told (SO_ERROR), if there is one. */
  abstract takeError(): Errno | undefined;

  listen(_task: Task, _backlog: number): Result<0> {
    return EOPNOTSUPP;
  }

  /** Takes a connection that waits. */
  accept(_task: Task): Result<Socket> {
    return EOPNOTSUPP;
  }

  /** What accept(2) tells of where a connection comes from. */
  originName(): Result<Uint8Array> {
    return this.peerName();
  }

  /** What a connect answers that may wait no longer, and was not refused. */
  get unfinishedConnect(): Errno {
    return EAGAIN;
  }

  /** Sets an option of another level than SOL_SOCKET. */
  setOption(_task: Task, _setting: Setting): Result<0> {
    return EOPNOTSUPP;
  }

  /** An option of another level than SOL_SOCKET, as it lies in memory. */
  getOption(_level: number, _option: number): Result<Uint8Array> {
    return EOPNOTSUPP;
  }

  /** Whether MSG_ERRQUEUE asks for something else than messages: for news of errors, which nobody waits for. */
  get hasErrorQueue(): boolean {
    return false;
  }

  /** Whether sockets may have one port together (SO_REUSEPORT). */
  get sharesPorts(): boolean {
    return false;
  }

  /** Whether bytes have no borders between them. */
  get isStream(): boolean {
    return this.socketType === SOCK.STREAM;
  }

  override get signalsReadiness(): boolean {
    return true;
  }

  override get type(): number {
    return S.IFSOCK;
  }

  override attributes(): Attributes {
    return this.inode.attributes;
  }

  override change(changes: AttributeChanges): 0 {
    return this.inode.change(changes);
  }

  override describe(): ByteString {
    return `socket:[${this.inode.number}]` as ByteString;
  }

  override patienceNs(direction: "read" | "write"): number | undefined {
    return direction === "read" ? this.options.receiveTimeoutNs : this.options.sendTimeoutNs;
  }

  /** sock_ioctl: what no family answers may be known to others. */
  override ioctl(task: Task, request: number, argument: number): Answer {
    for (const answer of task.kernel.extensions(socketIoctl)) {
      const known = answer(task, this, request, argument as GuestPtr);
      if (known !== undefined) return known;
    }
    return ENOTTY;
  }

  override read(task: Task, into: Uint8Array): Result<number> {
    // Unlike recv(2), a read of nothing looks at nothing (sock_read_iter).
    if (into.length === 0) return 0;
    const got = this.receive(task, into, this.nonBlocking ? MSG.DONTWAIT : 0);
    if (got instanceof Errno) return got;
    releaseFiles(got.ancillary);
    return got.length;
  }

  override write(task: Task, from: Uint8Array): Answer {
    const flags = this.nonBlocking ? MSG.DONTWAIT : 0;
    return this.send(task, { bytes: from, address: undefined, ancillary: NOTHING, flags });
  }
}

/** Lets go of descriptors that nobody takes. */
export function releaseFiles({ files }: Ancillary): void {
  for (const file of files) file.drop();
}

/** The flags of an open file that socket(2) and accept4(2) take beside the type. */
export function fileFlags(flags: number): number {
  return flags & SOCK_FLAG.NONBLOCK ? O.NONBLOCK : 0;
}

/** Nanoseconds of a timeout option: none if zero, EDOM if it is no time (sock_set_timeout). */
export function timeoutOf(seconds: number, microseconds: number): Result<number | undefined> {
  if (microseconds < 0 || microseconds >= 1e6) return EDOM;
  if (seconds < 0) return 0;
  const ns = seconds * 1e9 + microseconds * 1e3;
  return ns === 0 ? undefined : ns;
}
