import { ENOTCONN, type Result } from "../../abi/errno.ts";
import { SOCK } from "../../abi/socket.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import type { Incoming, Outgoing } from "../socket/index.ts";
import { ConnectedSocket } from "./connected-socket.ts";
import { receivePacket, refusesSending, sendPacket } from "./packets.ts";
import { refusesFlags } from "./unix-socket.ts";

/** Connections that keep the borders of messages (SOCK_SEQPACKET). */
export class PacketSocket extends ConnectedSocket {
  constructor(task: Task) {
    super(task, SOCK.SEQPACKET);
  }

  protected override make(task: Task): PacketSocket {
    return new PacketSocket(task);
  }

  override get signalsBrokenPipe(): boolean {
    return false;
  }

  send(task: Task, message: Outgoing): Answer {
    const refused = refusesFlags(message.flags);
    if (refused !== undefined) return refused;
    if (!this.connected || this.peer === undefined) return ENOTCONN;
    return refusesSending(this, message) ?? sendPacket(task, this, this.peer, message);
  }

  receive(_task: Task, into: Uint8Array, flags: number): Result<Incoming> {
    return this.connected ? receivePacket(this, into, flags, true) : ENOTCONN;
  }
}
