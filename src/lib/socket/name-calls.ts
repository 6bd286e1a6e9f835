/** bind(2), listen(2), connect(2), getsockname(2), getpeername(2), shutdown(2). Order of checks: net/socket.c. */
import { EAGAIN, Errno } from "../../abi/errno.ts";
import { SHUT, SOMAXCONN } from "../../abi/socket.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { fdArg } from "../posix-fdtab/arguments.ts";
import { fileOf } from "../posix-fdtab/index.ts";
import { addressIn, readAddress, socketOf, writeAddress } from "./arguments.ts";
import { deadlineOf, type Pending, perform } from "./pending.ts";
import type { Socket } from "./socket.ts";

/** A bind or connect on its way. */
class Naming implements Pending {
  readonly socket: Socket;
  readonly nonBlocking: boolean;
  readonly deadline: Pending["deadline"];
  private readonly what: "bind" | "connect";
  private readonly address: Uint8Array;

  constructor(task: Task, socket: Socket, what: "bind" | "connect", address: Uint8Array) {
    this.socket = socket;
    this.nonBlocking = socket.nonBlocking;
    this.deadline = deadlineOf(task, socket.options.sendTimeoutNs);
    this.what = what;
    this.address = address;
  }

  attempt(task: Task): Answer {
    return this.socket[this.what](task, this.address);
  }

  settle(_task: Task, why: Errno): Errno {
    return why === EAGAIN && this.what === "connect" ? this.socket.unfinishedConnect : why;
  }
}

function naming(what: "bind" | "connect") {
  return syscall({
    name: what,
    args: [fdArg, addressIn, arg.i32],
    support: "full",
    run(task, fd, at, length) {
      // The address of a connect is read before anybody asks what kind of file it is.
      const file = what === "connect" ? fileOf(task, fd) : socketOf(task, fd);
      if (file instanceof Errno) return file;
      const address = readAddress(task, at, length);
      if (address instanceof Errno) return address;
      const socket = socketOf(task, fd);
      return socket instanceof Errno ? socket : perform(task, new Naming(task, socket, what, address));
    },
    restart: perform,
  });
}

export const bind = naming("bind");
export const connect = naming("connect");

export const listen = syscall({
  name: "listen",
  args: [fdArg, arg.i32],
  support: "full",
  run(task, fd, backlog) {
    const socket = socketOf(task, fd);
    // A negative backlog is a very large one.
    return socket instanceof Errno ? socket : socket.listen(task, Math.min(backlog >>> 0, SOMAXCONN));
  },
});

export const getsockname = syscall({
  name: "getsockname",
  args: [fdArg, arg.ptr(), arg.ptr()],
  support: "full",
  run(task, fd, at, lengthAt) {
    const socket = socketOf(task, fd);
    return socket instanceof Errno ? socket : writeAddress(task, socket.name(), at, lengthAt);
  },
});

export const getpeername = syscall({
  name: "getpeername",
  args: [fdArg, arg.ptr(), arg.ptr()],
  support: "full",
  run(task, fd, at, lengthAt) {
    const socket = socketOf(task, fd);
    if (socket instanceof Errno) return socket;
    const name = socket.peerName();
    return name instanceof Errno ? name : writeAddress(task, name, at, lengthAt);
  },
});

export const shutdown = syscall({
  name: "shutdown",
  args: [fdArg, arg.name(SHUT, "SHUT_")],
  support: "full",
  run(task, fd, how) {
    const socket = socketOf(task, fd);
    return socket instanceof Errno ? socket : socket.shutdown(how);
  },
});
