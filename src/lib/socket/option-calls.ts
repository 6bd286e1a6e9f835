/** setsockopt(2), getsockopt(2): the options of the level SOL_SOCKET (net/core/sock.c). */
import { CAP } from "../../abi/capability.ts";
import { EACCES, EINVAL, ENOPROTOOPT, EOPNOTSUPP, EPERM, Errno, type Result } from "../../abi/errno.ts";
import { IPPROTO } from "../../abi/inet.ts";
import { linger, ucred } from "../../abi/riscv64/socket.ts";
import { timeval } from "../../abi/riscv64/time.ts";
import { SO, SOL_SOCKET } from "../../abi/socket.ts";
import type { GuestPtr } from "../../abi/types.ts";
import type { Layout } from "../../base/struct.ts";
import { type Arg, arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { fdArg } from "../posix-fdtab/arguments.ts";
import { hasCapability } from "../posix-user/index.ts";
import { socketOf } from "./arguments.ts";
import { type Setting, type Socket, type SocketOptions, timeoutOf } from "./socket.ts";

const levelArg: Arg<number> = arg.name(
  { IP: IPPROTO.IP, SOCKET: SOL_SOCKET, TCP: IPPROTO.TCP, UDP: IPPROTO.UDP, IPV6: IPPROTO.IPV6 },
  "SOL_",
);
const optionArg: Arg<number> = arg.name(SO, "SO_");

const SUPPORT = {
  partial:
    "SOL_SOCKET without filters, devices, marks, timestamps and SO_PEERPIDFD; of IP, IPv6 and TCP what holds on a loopback",
} as const;

type SwitchName = SocketOptions["switches"] extends Set<infer Name> ? Name : never;

/** Switches that are kept for the family. */
const SWITCHES: ReadonlyMap<number, SwitchName> = new Map([
  [SO.DEBUG, "debug"],
  [SO.REUSEADDR, "reuseAddress"],
  [SO.REUSEPORT, "reusePort"],
  [SO.DONTROUTE, "dontRoute"],
  [SO.BROADCAST, "broadcast"],
  [SO.KEEPALIVE, "keepAlive"],
  [SO.OOBINLINE, "oobInline"],
]);

/** net.core.wmem_max and rmem_max; what is set is doubled for the kernel's own use of it. */
const MAX_BUFFER = 212_992;
const MIN_SEND_BUFFER = 4608;
const MIN_RECEIVE_BUFFER = 2304;

export const setsockopt = syscall({
  name: "setsockopt",
  args: [fdArg, levelArg, optionArg, arg.ptr(), arg.i32],
  support: SUPPORT,
  run(task, fd, level, option, at, length) {
    const socket = socketOf(task, fd);
    if (socket instanceof Errno) return socket;
    if (length < 0) return EINVAL;
    const setting: Setting = { level, option, at, length };
    return level === SOL_SOCKET ? setOption(task, socket, setting) : socket.setOption(task, setting);
  },
});

function setOption(task: Task, socket: Socket, setting: Setting): Result<0> {
  const { options } = socket;
  if (setting.length < 4) return EINVAL;
  const raw = task.mm.readU32(setting.at);
  if (raw instanceof Errno) return raw;
  const value = raw | 0;
  switch (setting.option) {
    case SO.SNDBUF:
      options.sendBuffer = Math.max(2 * Math.min(raw, MAX_BUFFER), MIN_SEND_BUFFER);
      return 0;
    case SO.RCVBUF:
      options.receiveBuffer = Math.max(2 * Math.min(raw, MAX_BUFFER), MIN_RECEIVE_BUFFER);
      return 0;
    case SO.SNDBUFFORCE:
    case SO.RCVBUFFORCE:
      return forceBuffer(task, options, setting.option, value);
    case SO.RCVLOWAT:
      options.lowWater = value < 0 ? 0x7fff_ffff : value || 1;
      return 0;
    case SO.PASSCRED:
      options.passIdentity = value !== 0;
      return 0;
    case SO.RCVTIMEO:
    case SO.SNDTIMEO:
      return setTimeoutOption(task, options, setting);
    case SO.LINGER:
      return setLinger(task, options, setting);
    case SO.REUSEPORT:
      if (value !== 0 && !socket.sharesPorts) return EOPNOTSUPP;
      break;
    case SO.DEBUG:
      if (value !== 0 && !hasCapability(task.process, CAP.NET_ADMIN)) return EACCES;
  }
  const name = SWITCHES.get(setting.option);
  if (name === undefined) return ENOPROTOOPT;
  if (value !== 0) options.switches.add(name);
  else options.switches.delete(name);
  return 0;
}

function forceBuffer({ process }: Task, options: SocketOptions, option: number, value: number): Result<0> {
  if (!hasCapability(process, CAP.NET_ADMIN)) return EPERM;
  const bytes = Math.min(2 * Math.max(value, 0), 0x7fff_ffff);
  if (option === SO.SNDBUFFORCE) options.sendBuffer = Math.max(bytes, MIN_SEND_BUFFER);
  else options.receiveBuffer = Math.max(bytes, MIN_RECEIVE_BUFFER);
  return 0;
}

function setTimeoutOption(task: Task, options: SocketOptions, { option, at, length }: Setting): Result<0> {
  if (length < timeval.size) return EINVAL;
  const given = task.mm.readStruct(at as GuestPtr<never>, timeval);
  if (given instanceof Errno) return given;
  const ns = timeoutOf(given.seconds, given.microseconds);
  if (ns instanceof Errno) return ns;
  if (option === SO.RCVTIMEO) options.receiveTimeoutNs = ns;
  else options.sendTimeoutNs = ns;
  return 0;
}

function setLinger(task: Task, options: SocketOptions, { at, length }: Setting): Result<0> {
  if (length < linger.size) return EINVAL;
  const given = task.mm.readStruct(at as GuestPtr<never>, linger);
  if (given instanceof Errno) return given;
  options.linger = { on: given.on === 0 ? 0 : 1, seconds: given.on === 0 ? options.linger.seconds : given.seconds };
  return 0;
}

export const getsockopt = syscall({
  name: "getsockopt",
  args: [fdArg, levelArg, optionArg, arg.ptr(), arg.ptr()],
  support: SUPPORT,
  run(task, fd, level, option, at, lengthAt) {
    const socket = socketOf(task, fd);
    if (socket instanceof Errno) return socket;
    // Which level it is comes before what is asked, and how much room there is for the answer in between.
    const other = level === SOL_SOCKET ? undefined : socket.getOption(level, option);
    if (other === EOPNOTSUPP) return EOPNOTSUPP;
    const room = task.mm.readU32(lengthAt);
    if (room instanceof Errno) return room;
    if ((room | 0) < 0) return EINVAL;
    const value = other ?? optionBytes(socket, option);
    if (value instanceof Errno) return value;
    const shown = value.subarray(0, Math.min(room, value.length));
    const written = shown.length === 0 ? 0 : task.mm.write(at, shown);
    return written instanceof Errno ? written : task.mm.writeU32(lengthAt, shown.length);
  },
});

/** An option's value as it lies in memory. */
function optionBytes(socket: Socket, option: number): Result<Uint8Array> {
  const { options } = socket;
  switch (option) {
    case SO.LINGER:
      return laidOut(linger, options.linger);
    case SO.RCVTIMEO:
      return laidOut(timeval, timevalOf(options.receiveTimeoutNs));
    case SO.SNDTIMEO:
      return laidOut(timeval, timevalOf(options.sendTimeoutNs));
    case SO.PEERCRED:
      return laidOut(ucred, socket.peerIdentity);
  }
  const value = optionNumber(socket, option);
  return value instanceof Errno ? value : new Uint8Array(new Int32Array([value]).buffer);
}

function optionNumber(socket: Socket, option: number): Result<number> {
  const { options } = socket;
  switch (option) {
    case SO.TYPE:
      return socket.socketType;
    case SO.DOMAIN:
      return socket.family;
    case SO.PROTOCOL:
      return socket.protocol;
    case SO.ERROR:
      return socket.takeError()?.code ?? 0;
    case SO.ACCEPTCONN:
      return socket.listening ? 1 : 0;
    case SO.SNDBUF:
      return options.sendBuffer;
    case SO.RCVBUF:
      return options.receiveBuffer;
    case SO.RCVLOWAT:
      return options.lowWater;
    case SO.SNDLOWAT:
      return 1;
    case SO.PASSCRED:
      return options.passIdentity ? 1 : 0;
  }
  const name = SWITCHES.get(option);
  return name === undefined ? ENOPROTOOPT : options.switches.has(name) ? 1 : 0;
}

function timevalOf(ns: number | undefined): { readonly seconds: number; readonly microseconds: number } {
  const microseconds = Math.floor((ns ?? 0) / 1000);
  return { seconds: Math.floor(microseconds / 1e6), microseconds: microseconds % 1e6 };
}

function laidOut<T>(layout: Layout<T>, value: T): Uint8Array {
  const bytes = new Uint8Array(layout.size);
  layout.write(new DataView(bytes.buffer), 0, value);
  return bytes;
}
