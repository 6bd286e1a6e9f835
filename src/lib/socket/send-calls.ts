/** sendto(2), sendmsg(2), sendmmsg(2). Order of checks: net/socket.c. */
import { EAGAIN, EFAULT, EINVAL, EPIPE, Errno, type Result } from "../../abi/errno.ts";
import { IOV_MAX } from "../../abi/limits.ts";
import { mmsghdr } from "../../abi/riscv64/socket.ts";
import { SIG } from "../../abi/signal.ts";
import { MSG } from "../../abi/socket.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { type Answer, type Blocking, isBlocking } from "../../kernel/wait.ts";
import { chain } from "../posix-fdio/chain.ts";
import { type GuestBuffer, gather, onePiece, USER_END } from "../posix-fdio/guest-buffer.ts";
import { fdArg } from "../posix-fdtab/arguments.ts";
import { postSignal } from "../posix-signal/index.ts";
import { readAncillary } from "./ancillary.ts";
import { addressIn, messageFlagsArg, readAddress, socketOf } from "./arguments.ts";
import { checkControl, readHeader } from "./message-header.ts";
import { deadlineOf, type Pending, perform } from "./pending.ts";
import { type Ancillary, NOTHING, releaseFiles, type Socket } from "./socket.ts";

/** What one send is about. */
interface Message {
  readonly buffer: GuestBuffer;
  readonly address: Uint8Array | undefined;
  readonly ancillary: Ancillary;
  readonly flags: number;
}

/** A send on its way. */
class Sending implements Pending {
  readonly socket: Socket;
  readonly nonBlocking: boolean;
  readonly deadline: Pending["deadline"];
  private readonly message: Message;
  private done = 0;

  constructor(task: Task, socket: Socket, message: Message) {
    this.socket = socket;
    this.nonBlocking = socket.nonBlocking || (message.flags & MSG.DONTWAIT) !== 0;
    this.deadline = deadlineOf(task, socket.options.sendTimeoutNs);
    this.message = message;
  }

  attempt(task: Task): Answer {
    const { buffer, ancillary, address, flags } = this.message;
    const bytes = gather(task, buffer, this.done);
    if (bytes instanceof Errno) return this.settle(task, bytes);
    const answer = this.socket.send(task, {
      bytes,
      address,
      // What goes along went with the first bytes.
      ancillary: this.done === 0 ? ancillary : NOTHING,
      flags: this.nonBlocking ? flags | MSG.DONTWAIT : flags,
    });
    if (isBlocking(answer)) return this.afterSleep(task, answer);
    return this.taken(task, answer);
  }

  settle(task: Task, why: Errno): Result<number> {
    if (this.done > 0) return this.done;
    this.abandon();
    if (why === EPIPE && this.socket.signalsBrokenPipe && !(this.message.flags & MSG.NOSIGNAL)) {
      postSignal(task, { signo: SIG.PIPE });
    }
    return why;
  }

  abandon(): void {
    if (this.done === 0) releaseFiles(this.message.ancillary);
  }

  private *afterSleep(task: Task, answer: Blocking): Blocking {
    const next = this.taken(task, yield* answer);
    return isBlocking(next) ? yield* next : next;
  }

  private taken(task: Task, answer: Result<number>): Answer {
    if (answer instanceof Errno) return answer === EAGAIN ? EAGAIN : this.settle(task, answer);
    this.done += answer;
    return this.done < this.message.buffer.length ? this.attempt(task) : this.done;
  }
}

function sendMessage(task: Task, socket: Socket, at: GuestPtr, flags: number): Pending | Errno {
  const header = readHeader(task, at);
  if (header instanceof Errno) return header;
  const refused = checkControl(header);
  if (refused !== undefined) return refused;
  const { buffer, nameLength } = header;
  const address = nameLength === 0 ? undefined : readAddress(task, header.name, nameLength);
  if (address instanceof Errno) return address;
  const ancillary = header.control === 0 ? NOTHING : readAncillary(task, header.control, header.controlLength);
  if (ancillary instanceof Errno) return ancillary;
  return new Sending(task, socket, { buffer, address, ancillary, flags });
}

export const sendto = syscall({
  name: "sendto",
  args: [fdArg, arg.input(2), arg.u64, messageFlagsArg, addressIn, arg.i32],
  support: { partial: "no out-of-band data" },
  run(task, fd, at, length, flags, addressAt, addressLength) {
    const buffer = onePiece(at, length);
    if (at + buffer.length > USER_END) return EFAULT;
    const socket = socketOf(task, fd);
    if (socket instanceof Errno) return socket;
    const address = addressAt === 0 ? undefined : readAddress(task, addressAt, addressLength);
    if (address instanceof Errno) return address;
    return perform(task, new Sending(task, socket, { buffer, address, ancillary: NOTHING, flags }));
  },
  restart: perform,
});

export const sendmsg = syscall({
  name: "sendmsg",
  args: [fdArg, arg.ptr(), messageFlagsArg],
  support: {
    partial:
      "no out-of-band data; of ancillary messages SCM_RIGHTS, SCM_CREDENTIALS and what datagrams have in their headers",
  },
  run(task, fd, at, flags) {
    if (flags & MSG.CMSG_COMPAT) return EINVAL;
    const socket = socketOf(task, fd);
    if (socket instanceof Errno) return socket;
    const pending = sendMessage(task, socket, at, flags);
    return pending instanceof Errno ? pending : perform(task, pending);
  },
  restart: perform,
});

/** Several messages, one after the other: what the last one failed with counts only if it was the first. */
class SendingMany implements Pending {
  readonly socket: Socket;
  readonly nonBlocking: boolean;
  readonly deadline: Pending["deadline"];
  private readonly at: number;
  private readonly count: number;
  private readonly flags: number;
  private sent = 0;
  private current: Pending | undefined;

  constructor(task: Task, socket: Socket, at: number, count: number, flags: number) {
    this.socket = socket;
    this.nonBlocking = socket.nonBlocking || (flags & MSG.DONTWAIT) !== 0;
    this.deadline = deadlineOf(task, socket.options.sendTimeoutNs);
    this.at = at;
    this.count = count;
    this.flags = flags;
  }

  attempt(task: Task): Answer {
    if (this.sent === this.count) return this.sent;
    const at = (this.at + this.sent * mmsghdr.size) as GuestPtr;
    const pending = this.current ?? sendMessage(task, this.socket, at, this.flags);
    if (pending instanceof Errno) return this.sent || pending;
    this.current = pending;
    const answer = pending.attempt(task);
    if (answer instanceof Errno) return answer === EAGAIN ? EAGAIN : this.sent || answer;
    return chain(answer, (length) => {
      const written = task.mm.writeU32((at + mmsghdr.offsets.length) as GuestPtr, length);
      if (written instanceof Errno) return this.sent || written;
      this.sent++;
      this.current = undefined;
      return this.attempt(task);
    });
  }

  settle(task: Task, why: Errno): Result<number> {
    const last = this.current?.settle(task, why) ?? why;
    return this.sent || last;
  }

  abandon(): void {
    this.current?.abandon?.();
  }
}

export const sendmmsg = syscall({
  name: "sendmmsg",
  args: [fdArg, arg.ptr(), arg.u32, messageFlagsArg],
  support: { partial: "as sendmsg(2)" },
  run(task, fd, at, count, flags) {
    if (flags & MSG.CMSG_COMPAT) return EINVAL;
    const socket = socketOf(task, fd);
    if (socket instanceof Errno) return socket;
    return perform(task, new SendingMany(task, socket, at, Math.min(count, IOV_MAX), flags));
  },
  restart: perform,
});
