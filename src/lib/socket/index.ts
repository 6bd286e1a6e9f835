import { defineLibrary } from "../../kernel/library.ts";
import { posixFdio } from "../posix-fdio/index.ts";
import { posixFdtab } from "../posix-fdtab/index.ts";
import { posixSignal } from "../posix-signal/index.ts";
import { posixTime } from "../posix-time/index.ts";
import { posixUser } from "../posix-user/index.ts";
import { accept, accept4, socket, socketpair } from "./create-calls.ts";
import { bind, connect, getpeername, getsockname, listen, shutdown } from "./name-calls.ts";
import { getsockopt, setsockopt } from "./option-calls.ts";
import { recvfrom, recvmmsg, recvmsg } from "./receive-calls.ts";
import { sendmmsg, sendmsg, sendto } from "./send-calls.ts";

/** The calls on sockets. What a socket is, families say: they plug into `socketFamily`. */
export const socketLibrary = defineLibrary({
  name: "socket",
  summary: "the calls on sockets: making, naming, connecting, sending, receiving, options",
  needs: [posixFdtab, posixFdio, posixSignal, posixTime, posixUser],
  syscalls: [
    socket,
    socketpair,
    bind,
    listen,
    accept,
    accept4,
    connect,
    getsockname,
    getpeername,
    shutdown,
    sendto,
    sendmsg,
    sendmmsg,
    recvfrom,
    recvmsg,
    recvmmsg,
    setsockopt,
    getsockopt,
  ],
});

export { identityOf } from "./ancillary.ts";
export {
  type Ancillary,
  type ControlMessage,
  type Identity,
  type Incoming,
  NOTHING,
  type Outgoing,
  releaseFiles,
  type Setting,
  Socket,
  type SocketFamily,
  type SocketOptions,
  socketFamily,
  socketIoctl,
} from "./socket.ts";
