/** recvfrom(2), recvmsg(2), recvmmsg(2). Order of checks: net/socket.c. */
import { EAGAIN, EINVAL, Errno, type Result } from "../../abi/errno.ts";
import { IOV_MAX } from "../../abi/limits.ts";
import { mmsghdr, msghdr } from "../../abi/riscv64/socket.ts";
import { timespec } from "../../abi/riscv64/time.ts";
import { MSG } from "../../abi/socket.ts";
import type { GuestPtr, Instant, Timespec } from "../../abi/types.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { behind, type GuestBuffer, onePiece, room, scatter } from "../posix-fdio/guest-buffer.ts";
import { fdArg } from "../posix-fdtab/arguments.ts";
import { instantAfter, isValidTimespec, nanosecondsOf, timespecIn, timespecOf } from "../posix-time/index.ts";
import { ControlWriter } from "./ancillary.ts";
import { messageFlagsArg, socketOf, writeAddress } from "./arguments.ts";
import { type MessageHeader, readHeader } from "./message-header.ts";
import { deadlineOf, type Pending, perform } from "./pending.ts";
import { type Incoming, releaseFiles, type Socket } from "./socket.ts";

/** Where what is received goes, and what is told of it. */
interface Sink {
  readonly buffer: GuestBuffer;
  /** Takes what came beside the bytes. */
  finish(task: Task, socket: Socket, incoming: Incoming): Result<0>;
}

/** A receive on its way. */
class Receiving implements Pending {
  readonly socket: Socket;
  readonly nonBlocking: boolean;
  readonly deadline: Pending["deadline"];
  private readonly sink: Sink;
  private readonly flags: number;
  /** Bytes that are there already of those that MSG_WAITALL waits for. */
  private done = 0;

  constructor(task: Task, socket: Socket, sink: Sink, flags: number) {
    this.socket = socket;
    const asksForErrors = socket.hasErrorQueue && (flags & MSG.ERRQUEUE) !== 0;
    this.nonBlocking = socket.nonBlocking || asksForErrors || (flags & MSG.DONTWAIT) !== 0;
    this.deadline = deadlineOf(task, socket.options.receiveTimeoutNs);
    this.sink = sink;
    this.flags = this.nonBlocking ? flags | MSG.DONTWAIT : flags;
  }

  attempt(task: Task): Answer {
    const rest = behind(this.sink.buffer, this.done);
    const into = room(task, rest);
    if (into instanceof Errno) return this.settle(task, into);
    const incoming = this.socket.receive(task, into, this.flags);
    if (incoming instanceof Errno) return incoming === EAGAIN ? EAGAIN : this.settle(task, incoming);
    const stored = Math.min(incoming.length, into.length);
    scatter(task, rest, into, stored);
    const told = this.sink.finish(task, this.socket, incoming);
    if (told instanceof Errno) return told;
    this.done += incoming.length;
    return this.wantsMore(incoming, rest.length) ? EAGAIN : this.done;
  }

  settle(_task: Task, why: Errno): Result<number> {
    return this.done || why;
  }

  /** MSG_WAITALL waits for a full buffer, unless the stream ends, or descriptors came. */
  private wantsMore({ length, ancillary }: Incoming, wanted: number): boolean {
    if (!(this.flags & MSG.WAITALL) || this.flags & MSG.PEEK || !this.socket.isStream) return false;
    return length > 0 && length < wanted && ancillary.files.length === 0;
  }
}

export const recvfrom = syscall({
  name: "recvfrom",
  args: [fdArg, arg.output, arg.u64, messageFlagsArg, arg.ptr(), arg.ptr()],
  support: { partial: "no out-of-band data" },
  run(task, fd, at, length, flags, addressAt, lengthAt) {
    const socket = socketOf(task, fd);
    if (socket instanceof Errno) return socket;
    const sink: Sink = {
      buffer: onePiece(at, length),
      finish(receiver, _from, { address, ancillary }) {
        releaseFiles(ancillary);
        return addressAt === 0 ? 0 : writeAddress(receiver, address ?? NO_ADDRESS, addressAt, lengthAt);
      },
    };
    return perform(task, new Receiving(task, socket, sink, flags));
  },
  restart: perform,
});

const NO_ADDRESS = new Uint8Array();

/** Where a recvmsg puts things: the buffers, name and control of its header. */
function headerSink(header: MessageHeader, flags: number): Sink {
  const at = (member: keyof typeof msghdr.offsets): GuestPtr => (header.at + msghdr.offsets[member]) as GuestPtr;
  return {
    buffer: header.buffer,
    finish(task, socket, { address, ancillary, flags: answered }) {
      const control = new ControlWriter(task, header.control, header.controlLength);
      control.write(ancillary, socket.options.passIdentity, (flags & MSG.CMSG_CLOEXEC) !== 0);
      if (header.name !== 0) {
        const named = writeAddress(task, address ?? NO_ADDRESS, header.name, at("nameLength"));
        if (named instanceof Errno) return named;
      }
      const shown = answered | control.flags | (flags & MSG.CMSG_CLOEXEC);
      const told = task.mm.writeU32(at("flags"), shown);
      return told instanceof Errno ? told : task.mm.writeU64(at("controlLength"), control.written);
    },
  };
}

function receiveMessage(task: Task, socket: Socket, at: GuestPtr, flags: number): Receiving | Errno {
  const header = readHeader(task, at);
  return header instanceof Errno ? header : new Receiving(task, socket, headerSink(header, flags), flags);
}

export const recvmsg = syscall({
  name: "recvmsg",
  args: [fdArg, arg.ptr(), messageFlagsArg],
  support: {
    partial:
      "no out-of-band data; of ancillary messages SCM_RIGHTS, SCM_CREDENTIALS and what datagrams have in their headers",
  },
  run(task, fd, at, flags) {
    if (flags & MSG.CMSG_COMPAT) return EINVAL;
    const socket = socketOf(task, fd);
    if (socket instanceof Errno) return socket;
    const pending = receiveMessage(task, socket, at, flags);
    return pending instanceof Errno ? pending : perform(task, pending);
  },
  restart: perform,
});

/** Several messages in one call: what the last one failed with counts only if it was the first. */
class ReceivingMany implements Pending {
  readonly socket: Socket;
  readonly deadline: Pending["deadline"];
  private readonly at: number;
  private readonly count: number;
  private readonly flags: number;
  /** When no further message is waited for: looked at behind each message only, as Linux does. */
  private readonly end: Instant | undefined;
  private readonly timeoutAt: GuestPtr<Timespec>;
  private received = 0;

  constructor(
    task: Task,
    parts: { socket: Socket; at: number; count: number; flags: number; end: Instant | undefined },
    timeoutAt: GuestPtr<Timespec>,
  ) {
    this.socket = parts.socket;
    this.deadline = deadlineOf(task, parts.socket.options.receiveTimeoutNs);
    this.at = parts.at;
    this.count = parts.count;
    this.flags = parts.flags;
    this.end = parts.end;
    this.timeoutAt = timeoutAt;
  }

  /** MSG_WAITFORONE waits for the first message only. */
  get nonBlocking(): boolean {
    if (this.socket.nonBlocking || this.flags & MSG.DONTWAIT) return true;
    return this.received > 0 && (this.flags & MSG.WAITFORONE) !== 0;
  }

  attempt(task: Task): Answer {
    while (this.received < this.count) {
      const at = (this.at + this.received * mmsghdr.size) as GuestPtr;
      const flags = this.flags & ~MSG.WAITFORONE;
      const one = receiveMessage(task, this.socket, at, this.nonBlocking ? flags | MSG.DONTWAIT : flags);
      const length = one instanceof Errno ? one : (one.attempt(task) as Result<number>);
      if (length === EAGAIN) return this.nonBlocking ? this.settle(task, EAGAIN) : EAGAIN;
      if (length instanceof Errno) return this.settle(task, length);
      const written = task.mm.writeU32((at + mmsghdr.offsets.length) as GuestPtr, length);
      if (written instanceof Errno) return this.settle(task, written);
      this.received++;
      if (this.end !== undefined && this.end <= task.kernel.now()) break;
    }
    return this.settle(task, EAGAIN);
  }

  settle(task: Task, why: Errno): Result<number> {
    if (this.end !== undefined) {
      const left = timespecOf(Math.max(0, this.end - task.kernel.now()));
      const written = task.mm.writeStruct(this.timeoutAt, timespec, left);
      if (written instanceof Errno && this.received === 0) return written;
    }
    return this.received > 0 || this.count === 0 ? this.received : why;
  }
}

export const recvmmsg = syscall({
  name: "recvmmsg",
  args: [fdArg, arg.ptr(), arg.u32, messageFlagsArg, timespecIn],
  support: { partial: "as recvmsg(2)" },
  run(task, fd, at, count, flags, timeoutAt) {
    if (flags & MSG.CMSG_COMPAT) return EINVAL;
    const timeout = timeoutAt === 0 ? undefined : task.mm.readStruct(timeoutAt as GuestPtr<Timespec>, timespec);
    if (timeout instanceof Errno) return timeout;
    if (timeout !== undefined && !isValidTimespec(timeout)) return EINVAL;
    const socket = socketOf(task, fd);
    if (socket instanceof Errno) return socket;
    const end = timeout === undefined ? undefined : instantAfter(task.kernel, nanosecondsOf(timeout));
    const parts = { socket, at, count: Math.min(count, IOV_MAX), flags, end };
    return perform(task, new ReceivingMany(task, parts, timeoutAt as GuestPtr<Timespec>));
  },
  restart: perform,
});
