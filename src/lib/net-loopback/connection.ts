/** Connections of the loopback: two ends that hand each other bytes, ends and resets (net/ipv4/tcp.c, tcp_input.c). */
import { ECONNRESET, EPIPE, type Errno } from "../../abi/errno.ts";
import { ByteQueue } from "../../base/byte-queue.ts";
import type { Endpoint } from "./address.ts";

/** Who has an end of a connection: a socket, a listener before it is accepted, or somebody outside of the machine. */
export interface EndUser {
  /** Sizes as SO_SNDBUF and SO_RCVBUF tell them: half of each is for bytes. */
  readonly buffers: { readonly sendBuffer: number; readonly receiveBuffer: number };
  /** Something came, or there is room, or it is over. */
  changed(): void;
}

/** The user of an end that was closed: its bytes still go to the other one. */
const NOBODY: EndUser = Object.freeze({ buffers: { sendBuffer: 0, receiveBuffer: 0 }, changed: () => {} });

/** The port that a connection holds as long as it lasts, and a while longer. */
export interface HeldPort {
  release(): void;
  rest(): void;
}

export class ConnectionEnd {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** What came and was not read. */
  readonly inbox = new ByteQueue();
  user: EndUser;
  /** Nothing goes any way any more: both ends are told, or it was reset (TCP_CLOSE). */
  closed = false;
  /** Its user has said that nothing more comes from here (a FIN was sent). */
  sentEnd = false;
  /** Nothing more comes from the other end (a FIN was received). */
  gotEnd = false;
  /** Its user reads no more (RCV_SHUTDOWN). */
  readShut = false;
  /** Told by the next call that asks. */
  error: Errno | undefined;
  /** Undefined if its socket holds the port, or it is outside of the machine. */
  heldPort: HeldPort | undefined;
  private other: ConnectionEnd = this;

  constructor(local: Endpoint, remote: Endpoint, user: EndUser, heldPort?: HeldPort) {
    this.local = local;
    this.remote = remote;
    this.user = user;
    this.heldPort = heldPort;
  }

  /** Makes two ends each other's. */
  join(other: ConnectionEnd): void {
    this.other = other;
    other.other = this;
  }

  /** Bytes that it may send now. */
  get room(): number {
    const limit = (this.user.buffers.sendBuffer + this.other.user.buffers.receiveBuffer) >>> 1;
    return Math.max(0, limit - this.other.inbox.length);
  }

  /** Bytes on their way: more than the other end has room for (SIOCOUTQ). */
  get unsent(): number {
    return Math.max(0, this.other.inbox.length - (this.other.user.buffers.receiveBuffer >>> 1));
  }

  /** Whether poll(2) calls it writable: a third of its buffer is free (sk_stream_is_writeable). */
  get writable(): boolean {
    return 3 * this.unsent <= this.user.buffers.sendBuffer;
  }

  /** Hands over what there is room for; returns how much. What comes for one that reads no more is answered by a reset. */
  send(bytes: Uint8Array): number {
    const { other } = this;
    if (bytes.length > 0 && other.sentEnd && other.readShut) {
      other.abort();
      return bytes.length;
    }
    const part = Math.min(bytes.length, this.room);
    if (part > 0) {
      other.inbox.push(bytes.subarray(0, part));
      other.user.changed();
    }
    return part;
  }

  /** Copies bytes out of the inbox; returns how many. */
  read(into: Uint8Array): number {
    return this.taking(() => this.inbox.shift(into));
  }

  /** Drops bytes of the inbox. */
  skip(length: number): void {
    this.taking(() => this.inbox.drop(length));
  }

  private taking<T>(take: () => T): T {
    const before = this.other.writable;
    const taken = take();
    if (!before && this.other.writable) this.other.user.changed();
    return taken;
  }

  /** Says that nothing more comes from here (tcp_send_fin). */
  finish(): void {
    if (this.sentEnd || this.closed) return;
    const { other } = this;
    this.sentEnd = true;
    other.gotEnd = true;
    other.readShut = true;
    if (other.sentEnd) {
      // The port of the end that was closed first rests.
      other.close(other === this || this.gotEnd);
      this.close(false);
    }
    other.user.changed();
    this.user.changed();
  }

  /** Breaks the connection off: the other end is told by a reset (tcp_send_active_reset). */
  abort(): void {
    if (this.closed) return;
    this.close(false);
    const { other } = this;
    if (other !== this && !other.closed) {
      other.error = other.gotEnd ? EPIPE : ECONNRESET;
      other.close(false);
      other.user.changed();
    }
    this.user.changed();
  }

  /** Its user goes: what it has not read is lost, and the other end is told of that. */
  leave(abruptly: boolean): void {
    if (this.inbox.length > 0 || abruptly) this.abort();
    else this.finish();
    this.user = NOBODY;
    this.readShut = true;
    this.inbox.clear();
  }

  private close(rests: boolean): void {
    this.closed = true;
    this.readShut = true;
    const { heldPort } = this;
    this.heldPort = undefined;
    if (rests) heldPort?.rest();
    else heldPort?.release();
  }
}
