import { EINVAL, ENOTCONN, EPERM, Errno, type Result } from "../../abi/errno.ts";
import { AF, SOCK } from "../../abi/socket.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { chain } from "../posix-fdio/chain.ts";
import type { Incoming, Outgoing } from "../socket/index.ts";
import { familyOf, findSocket } from "./names.ts";
import { isFull, leavePeer, receivePacket, refusesSending, sendPacket } from "./packets.ts";
import { refusesFlags, UnixSocket } from "./unix-socket.ts";

/** Messages from anybody; a peer is only where they go by default, and whom alone it hears. */
export class DatagramSocket extends UnixSocket {
  constructor(task: Task) {
    super(task, SOCK.DGRAM);
  }

  override get signalsBrokenPipe(): boolean {
    return false;
  }

  protected override get unconnected(): boolean {
    return false;
  }

  protected override get unread(): number {
    return this.queue[0]?.bytes.length ?? 0;
  }

  protected override get writableNow(): boolean {
    if (!super.writableNow) return false;
    const { peer } = this;
    if (peer === undefined || !isFull(peer, this)) return true;
    peer.blocked.add(this);
    return false;
  }

  connect(task: Task, address: Uint8Array): Answer<0> {
    if (address.length < 2) return EINVAL;
    if (familyOf(address) === AF.UNSPEC) return this.setPeer(undefined);
    const named = this.nameForIdentity(task);
    if (named instanceof Errno) return named;
    return chain(findSocket(task, address, this.socketType), (other) => {
      return other.peer === undefined || other.peer === this ? this.setPeer(other) : EPERM;
    });
  }

  private setPeer(other: UnixSocket | undefined): 0 {
    leavePeer(this, other);
    this.readiness.wake();
    return 0;
  }

  send(task: Task, message: Outgoing): Answer {
    const named = this.nameForIdentity(task);
    if (named instanceof Errno) return named;
    const refused = refusesFlags(message.flags) ?? refusesSending(this, message);
    if (refused !== undefined) return refused;
    const { address } = message;
    if (address === undefined) return this.peer === undefined ? ENOTCONN : sendPacket(task, this, this.peer, message);
    return chain(findSocket(task, address, this.socketType), (receiver) => sendPacket(task, this, receiver, message));
  }

  receive(_task: Task, into: Uint8Array, flags: number): Result<Incoming> {
    return receivePacket(this, into, flags, false);
  }
}
