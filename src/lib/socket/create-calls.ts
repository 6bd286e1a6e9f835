/** socket(2), socketpair(2), accept(2). Order of checks: net/socket.c. */
import { EAFNOSUPPORT, EINVAL, EMFILE, Errno, type Result } from "../../abi/errno.ts";
import type { O } from "../../abi/fcntl.ts";
import { AF_MAX, SOCK_FLAG, SOCK_MAX, SOCK_TYPE_MASK } from "../../abi/socket.ts";
import type { Fd, GuestPtr } from "../../abi/types.ts";
import { array, i32 } from "../../base/struct.ts";
import { structOut } from "../../kernel/struct-arg.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { fdArg } from "../posix-fdtab/arguments.ts";
import { closeFd, descriptorLimit, fdTable, fileOf, installFd } from "../posix-fdtab/index.ts";
import { acceptFlagsArg, familyArg, socketOf, typeArg, writeAddress } from "./arguments.ts";
import { deadlineOf, fails, type Pending, perform } from "./pending.ts";
import { fileFlags, type Socket, type SocketFamily, socketFamily } from "./socket.ts";

const FLAGS = SOCK_FLAG.CLOEXEC | SOCK_FLAG.NONBLOCK;

/** The flags for new descriptors: their values are those of O_CLOEXEC. */
const closeOnExec = (flags: number): number => flags & (SOCK_FLAG.CLOEXEC satisfies typeof O.CLOEXEC);

function familyOf(task: Task, family: number, type: number): Result<SocketFamily> {
  if (family < 0 || family >= AF_MAX) return EAFNOSUPPORT;
  if ((type & SOCK_TYPE_MASK) >= SOCK_MAX) return EINVAL;
  return task.kernel.extensions(socketFamily).find((known) => known.family === family) ?? EAFNOSUPPORT;
}

function make(task: Task, family: SocketFamily, type: number, protocol: number): Result<Socket> {
  const socket = family.create(task, type & SOCK_TYPE_MASK, protocol);
  if (!(socket instanceof Errno)) socket.flags |= fileFlags(type);
  return socket;
}

export const socket = syscall({
  name: "socket",
  args: [familyArg, typeArg, arg.i32],
  support: { partial: "AF_UNIX; AF_INET and AF_INET6 within the machine; AF_NETLINK for what interfaces there are" },
  run(task, family, type, protocol) {
    if (type & ~(SOCK_TYPE_MASK | FLAGS)) return EINVAL;
    const provider = familyOf(task, family, type);
    if (provider instanceof Errno) return provider;
    const made = make(task, provider, type, protocol);
    return made instanceof Errno ? made : installFd(task.process, made, closeOnExec(type));
  },
});

const ends = array(i32, 2);

export const socketpair = syscall({
  name: "socketpair",
  args: [familyArg, typeArg, arg.i32, structOut(ends, (fds) => `[${fds.join(", ")}]`)],
  support: { partial: "AF_UNIX" },
  run(task, family, type, protocol, at) {
    if (type & ~(SOCK_TYPE_MASK | FLAGS)) return EINVAL;
    // The numbers are written first, so that a bad pointer costs nothing.
    const probed = task.mm.writeStruct(at, ends, [-1, -1]);
    if (probed instanceof Errno) return probed;
    const provider = familyOf(task, family, type);
    if (provider instanceof Errno) return provider;
    const one = make(task, provider, type, protocol);
    const other = make(task, provider, type, protocol);
    if (one instanceof Errno) return one;
    if (other instanceof Errno) return other;
    const paired = provider.pair(task, one, other);
    return paired instanceof Errno ? paired : installPair(task, [one, other], type, at);
  },
});

function installPair(
  task: Task,
  [one, other]: readonly [Socket, Socket],
  type: number,
  at: GuestPtr<readonly number[]>,
): Result<0> {
  const { process } = task;
  const first = installFd(process, one, closeOnExec(type));
  if (first instanceof Errno) {
    other.hold().drop();
    return first;
  }
  const second = installFd(process, other, closeOnExec(type));
  if (second instanceof Errno) {
    closeFd(process, first);
    return second;
  }
  return task.mm.writeStruct(at, ends, [first, second]);
}

/** An accept on its way: who listens, and where the name of the other end goes. */
class Accepting implements Pending {
  readonly socket: Socket;
  readonly nonBlocking: boolean;
  readonly deadline: Pending["deadline"];
  readonly settle = fails;
  private readonly flags: number;
  private readonly addressAt: GuestPtr;
  private readonly lengthAt: GuestPtr;

  constructor(task: Task, socket: Socket, flags: number, addressAt: GuestPtr, lengthAt: GuestPtr) {
    this.socket = socket;
    this.nonBlocking = socket.nonBlocking;
    this.deadline = deadlineOf(task, socket.options.receiveTimeoutNs);
    this.flags = flags;
    this.addressAt = addressAt;
    this.lengthAt = lengthAt;
  }

  attempt(task: Task): Answer {
    const made = this.socket.accept(task);
    if (made instanceof Errno) return made;
    made.flags |= fileFlags(this.flags);
    const named = this.tellName(task, made);
    if (named instanceof Errno) {
      made.hold().drop();
      return named;
    }
    return installFd(task.process, made, closeOnExec(this.flags));
  }

  private tellName(task: Task, made: Socket): Result<0> {
    if (this.addressAt === 0) return 0;
    const name = made.originName();
    return name instanceof Errno ? name : writeAddress(task, name, this.addressAt, this.lengthAt);
  }
}

function acceptFrom(task: Task, fd: Fd, addressAt: GuestPtr, lengthAt: GuestPtr, flags: number): Answer {
  const file = fileOf(task, fd);
  if (file instanceof Errno) return file;
  if (flags & ~FLAGS) return EINVAL;
  const listener = socketOf(task, fd);
  if (listener instanceof Errno) return listener;
  if (task.process.get(fdTable).isFull(descriptorLimit(task.process))) return EMFILE;
  return perform(task, new Accepting(task, listener, flags, addressAt, lengthAt));
}

export const accept = syscall({
  name: "accept",
  args: [fdArg, arg.ptr(), arg.ptr()],
  support: "full",
  run: (task, fd, addressAt, lengthAt) => acceptFrom(task, fd, addressAt, lengthAt, 0),
  restart: perform,
});

export const accept4 = syscall({
  name: "accept4",
  args: [fdArg, arg.ptr(), arg.ptr(), acceptFlagsArg],
  support: "full",
  run: acceptFrom,
  restart: perform,
});
