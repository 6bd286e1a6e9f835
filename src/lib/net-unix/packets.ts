/** Sending and receiving whole messages: datagrams, and packets of a connection (unix_dgram_sendmsg, unix_dgram_recvmsg). */
import { EAGAIN, ECONNREFUSED, ECONNRESET, EMSGSIZE, EPERM, EPIPE, type Errno, type Result } from "../../abi/errno.ts";
import { MSG } from "../../abi/socket.ts";
import type { Task } from "../../kernel/task.ts";
import { type Incoming, NOTHING, type Outgoing } from "../socket/index.ts";
import { packetCost } from "./message-cost.ts";
import { refusesFlags, type UnixSocket } from "./unix-socket.ts";

/** As many messages as may wait beside the one that is sent (net.unix.max_dgram_qlen). */
const QUEUE_LENGTH = 10;

/** The room that Linux wants beside a message in the send buffer. */
const SPARE = 32;

/** Whether a message to a socket would have to wait: whom it is connected to may send as it likes. */
export function isFull(receiver: UnixSocket, sender: UnixSocket): boolean {
  return receiver !== sender && receiver.peer !== sender && receiver.queue.length > QUEUE_LENGTH;
}

/** Why nothing can be sent, whoever is to have it (sock_alloc_send_pskb). */
export function refusesSending(sender: UnixSocket, { bytes }: Outgoing): Errno | undefined {
  if (bytes.length > sender.options.sendBuffer - SPARE) return EMSGSIZE;
  const error = sender.takeError();
  if (error !== undefined) return error;
  if (sender.sendShut) return EPIPE;
  return sender.hasRoom ? undefined : EAGAIN;
}

/** Sends what {@link refusesSending} does not refuse. */
export function sendPacket(task: Task, sender: UnixSocket, receiver: UnixSocket, message: Outgoing): Result<number> {
  if (receiver.peer !== undefined && receiver.peer !== sender) return EPERM;
  if (receiver.gone) {
    if (sender.peer === receiver) leavePeer(sender, undefined);
    return ECONNREFUSED;
  }
  if (receiver.receiveShut) return EPIPE;
  if (isFull(receiver, sender)) {
    receiver.blocked.add(sender);
    return EAGAIN;
  }
  const { length } = message.bytes;
  sender.deliver(task, receiver, message, packetCost(length));
  return length;
}

/** Changes whom a socket hears: what the old peer sent is lost, and that one is told (unix_dgram_disconnected). */
export function leavePeer(socket: UnixSocket, next: UnixSocket | undefined): void {
  const before = socket.peer;
  socket.peer = next;
  if (before === undefined || before === next || socket.queue.length === 0) return;
  socket.discardQueue();
  if (!before.gone && before.peer === socket) before.fail(ECONNRESET);
}

/** @param endsAtOnce - whether the end is told to who may not wait, too. */
export function receivePacket(
  socket: UnixSocket,
  into: Uint8Array,
  flags: number,
  endsAtOnce: boolean,
): Result<Incoming> {
  const refused = refusesFlags(flags) ?? socket.takeError();
  if (refused !== undefined) return refused;
  const [message] = socket.queue;
  if (message === undefined) return socket.receiveShut && (endsAtOnce || !(flags & MSG.DONTWAIT)) ? END : EAGAIN;
  const { bytes, sender, ancillary } = message;
  const length = Math.min(into.length, bytes.length);
  into.set(bytes.subarray(0, length));
  if (flags & MSG.PEEK) for (const file of ancillary.files) file.hold();
  else socket.takeFirst();
  return {
    length: flags & MSG.TRUNC ? bytes.length : length,
    flags: length < bytes.length ? MSG.TRUNC : 0,
    address: sender.returnAddress,
    ancillary,
  };
}

/** Nothing will come any more. */
export const END: Incoming = Object.freeze({ length: 0, flags: 0, address: undefined, ancillary: NOTHING });
