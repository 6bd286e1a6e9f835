import { EPROTONOSUPPORT, ESOCKTNOSUPPORT, type Result } from "../../abi/errno.ts";
import { AF, SOCK } from "../../abi/socket.ts";
import { defineLibrary } from "../../kernel/library.ts";
import type { Task } from "../../kernel/task.ts";
import { posixFdtab } from "../posix-fdtab/index.ts";
import { posixUser } from "../posix-user/index.ts";
import { type Socket, type SocketFamily, socketFamily, socketLibrary } from "../socket/index.ts";
import { vfs } from "../vfs/index.ts";
import { ConnectedSocket } from "./connected-socket.ts";
import { DatagramSocket } from "./datagram-socket.ts";
import { PacketSocket } from "./packet-socket.ts";
import { StreamSocket } from "./stream-socket.ts";
import { identityOfPeer, type UnixSocket } from "./unix-socket.ts";

/** unix_create */
function create(task: Task, type: number, protocol: number): Result<UnixSocket> {
  if (protocol !== 0 && protocol !== AF.UNIX) return EPROTONOSUPPORT;
  switch (type) {
    case SOCK.STREAM:
      return new StreamSocket(task);
    case SOCK.DGRAM:
    case SOCK.RAW:
      return new DatagramSocket(task);
    case SOCK.SEQPACKET:
      return new PacketSocket(task);
    default:
      return ESOCKTNOSUPPORT;
  }
}

/** unix_socketpair */
function pair(task: Task, one: Socket, other: Socket): Result<0> {
  const identity = identityOfPeer(task);
  for (const [from, to] of [[one, other] as const, [other, one] as const]) {
    if (from instanceof ConnectedSocket && to instanceof ConnectedSocket) from.join(to, identity);
    else if (from instanceof DatagramSocket && to instanceof DatagramSocket) {
      from.peer = to;
      from.peerIdentity = identity;
    }
  }
  return 0;
}

const family: SocketFamily = { family: AF.UNIX, create, pair };

export const netUnix = defineLibrary({
  name: "net-unix",
  summary: "AF_UNIX: streams, datagrams and packets between processes of the machine, and descriptors with them",
  needs: [socketLibrary, vfs, posixFdtab, posixUser],
  extends: [socketFamily.with(family)],
});
