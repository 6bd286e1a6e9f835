import { EAGAIN, EINVAL, EISCONN, ENOTCONN, EOPNOTSUPP, EPIPE, type Result } from "../../abi/errno.ts";
import { MSG, SOCK } from "../../abi/socket.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { type Identity, type Incoming, NOTHING, type Outgoing, releaseFiles } from "../socket/index.ts";
import { ConnectedSocket } from "./connected-socket.ts";
import { STREAM_PART, streamCost } from "./message-cost.ts";
import { END } from "./packets.ts";
import { type Message, refusesFlags } from "./unix-socket.ts";

/** Connections that are streams of bytes (unix_stream_sendmsg, unix_stream_read_generic). */
export class StreamSocket extends ConnectedSocket {
  constructor(task: Task) {
    super(task, SOCK.STREAM);
  }

  protected override make(task: Task): StreamSocket {
    return new StreamSocket(task);
  }

  send(task: Task, { bytes, address, ancillary, flags }: Outgoing): Answer {
    const refused = refusesFlags(flags);
    if (refused !== undefined) return refused;
    if (address !== undefined) return this.connected ? EISCONN : EOPNOTSUPP;
    const { peer } = this;
    if (!this.connected || peer === undefined) return ENOTCONN;
    if (this.sendShut) return EPIPE;
    // What goes along needs a byte to go with.
    if (bytes.length === 0) releaseFiles(ancillary);
    let done = 0;
    while (done < bytes.length) {
      const error = this.takeError();
      if (error !== undefined) return done || error;
      if (peer.receiveShut) return done || EPIPE;
      if (!this.hasRoom) return done || EAGAIN;
      const length = Math.min(bytes.length - done, STREAM_PART, Math.max(1, this.options.sendBuffer / 2 - 64));
      const part = { bytes: bytes.subarray(done, done + length), ancillary: done === 0 ? ancillary : NOTHING };
      this.deliver(task, peer, part, streamCost(length));
      done += length;
    }
    return done;
  }

  receive(_task: Task, into: Uint8Array, flags: number): Result<Incoming> {
    const refused = refusesFlags(flags);
    if (refused !== undefined) return refused;
    if (!this.connected) return EINVAL;
    if (this.queue.length === 0) return this.takeError() ?? (this.receiveShut ? END : EAGAIN);
    if (this.waitsForMore(into.length)) return EAGAIN;
    return flags & MSG.PEEK ? this.look(into) : this.take(into);
  }

  /** Whether SO_RCVLOWAT has a reader wait for more than there is. */
  private waitsForMore(wanted: number): boolean {
    const { lowWater } = this.options;
    return lowWater > 1 && !this.receiveShut && this.available < Math.min(lowWater, wanted);
  }

  /** Joins messages of one sender, up to one that brings descriptors. */
  private take(into: Uint8Array): Incoming {
    const first = this.queue[0]!;
    const { identity } = first.ancillary;
    let length = 0;
    let { files } = NOTHING;
    for (let message: Message | undefined = first; message !== undefined; message = this.queue[0]) {
      if (!this.joins(message, identity)) break;
      const part = copyRest(message, into, length);
      length += part;
      message.start += part;
      ({ files } = message.ancillary);
      this.travelling.left(files);
      message.ancillary = { files: [], identity: message.ancillary.identity };
      if (message.start < message.bytes.length) break;
      this.takeFirst();
      if (length === into.length || files.length > 0) break;
    }
    return { length, flags: 0, address: first.sender.returnAddress, ancillary: { files, identity } };
  }

  /** The same, and all stays where it is (MSG_PEEK). */
  private look(into: Uint8Array): Incoming {
    const first = this.queue[0]!;
    const { identity } = first.ancillary;
    let length = 0;
    let { files } = NOTHING;
    for (const message of this.queue) {
      if (!this.joins(message, identity)) break;
      length += copyRest(message, into, length);
      ({ files } = message.ancillary);
      if (length === into.length || files.length > 0) break;
    }
    for (const file of files) file.hold();
    return { length, flags: 0, address: first.sender.returnAddress, ancillary: { files, identity } };
  }

  /** Who asks for identities is not given the bytes of two senders at once (unix_skb_scm_eq). */
  private joins({ ancillary }: Message, identity: Identity | undefined): boolean {
    if (!this.options.passIdentity) return true;
    const { identity: other } = ancillary;
    return other?.pid === identity?.pid && other?.uid === identity?.uid && other?.gid === identity?.gid;
  }
}

/** Copies what is left of a message as far as there is room behind `at`. */
function copyRest({ bytes, start }: Message, into: Uint8Array, at: number): number {
  const length = Math.min(bytes.length - start, into.length - at);
  into.set(bytes.subarray(start, start + length), at);
  return length;
}
