import { EOPNOTSUPP, EPROTONOSUPPORT, ESOCKTNOSUPPORT, type Result } from "../../abi/errno.ts";
import { NETLINK_ROUTE } from "../../abi/netlink.ts";
import { AF, SOCK } from "../../abi/socket.ts";
import { defineLibrary } from "../../kernel/library.ts";
import type { Task } from "../../kernel/task.ts";
import { kernelMessages, type OpenFile, posixFdtab } from "../posix-fdtab/index.ts";
import { type Socket, type SocketFamily, socketFamily, socketIoctl, socketLibrary } from "../socket/index.ts";
import { interfaceIoctl } from "./interface-ioctls.ts";
import { RouteSocket } from "./route-socket.ts";

/** netlink_create */
function create(task: Task, type: number, protocol: number): Result<Socket> {
  if (type !== SOCK.RAW && type !== SOCK.DGRAM) return ESOCKTNOSUPPORT;
  return protocol === NETLINK_ROUTE ? new RouteSocket(task, type, protocol) : EPROTONOSUPPORT;
}

const family: SocketFamily = { family: AF.NETLINK, create, pair: () => EOPNOTSUPP };

/** What mq_notify(2) sends to a thread of the C library. */
function messagesTo(file: OpenFile): ((bytes: Uint8Array) => void) | undefined {
  return file instanceof RouteSocket ? (bytes) => file.deliver(bytes) : undefined;
}

export const netLink = defineLibrary({
  name: "net-link",
  summary: "what interfaces and addresses the machine has: rtnetlink(7), and ioctls of netdevice(7)",
  needs: [socketLibrary, posixFdtab],
  extends: [socketFamily.with(family), socketIoctl.with(interfaceIoctl), kernelMessages.with(messagesTo)],
});
