import { EINVAL, EOPNOTSUPP, EPROTONOSUPPORT, ESOCKTNOSUPPORT, type Result } from "../../abi/errno.ts";
import { IPPROTO, IPPROTO_MAX } from "../../abi/inet.ts";
import { AF, SOCK } from "../../abi/socket.ts";
import { defineLibrary } from "../../kernel/library.ts";
import type { Task } from "../../kernel/task.ts";
import { posixUser } from "../posix-user/index.ts";
import { type Socket, type SocketFamily, socketFamily, socketLibrary } from "../socket/index.ts";
import type { InetFamily } from "./address.ts";
import { DatagramSocket } from "./datagram-socket.ts";
import { letIn } from "./outside.ts";
import { StreamSocket } from "./stream-socket.ts";

/** inet_create, inet6_create */
function create(task: Task, family: InetFamily, type: number, protocol: number): Result<Socket> {
  if (protocol < 0 || protocol >= IPPROTO_MAX) return EINVAL;
  switch (type) {
    case SOCK.STREAM:
      return protocol === 0 || protocol === IPPROTO.TCP ? new StreamSocket(task, family) : EPROTONOSUPPORT;
    case SOCK.DGRAM:
      return protocol === 0 || protocol === IPPROTO.UDP ? new DatagramSocket(task, family) : EPROTONOSUPPORT;
    default:
      return ESOCKTNOSUPPORT;
  }
}

function inet(family: InetFamily): SocketFamily {
  return {
    family,
    create: (task, type, protocol) => create(task, family, type, protocol),
    pair: () => EOPNOTSUPP,
  };
}

export const netLoopback = defineLibrary({
  name: "net-loopback",
  summary: "AF_INET and AF_INET6: streams and datagrams within the machine, over 127.0.0.0/8 and ::1",
  needs: [socketLibrary, posixUser],
  extends: [socketFamily.with(inet(AF.INET)), socketFamily.with(inet(AF.INET6))],
  boot: letIn,
});
