/** What ioctl(2) tells of interfaces, on sockets of every family (netdevice(7); dev_ioctl, devinet_ioctl). */
import { EINVAL, ENODEV, ENOTTY, Errno, type Result } from "../../abi/errno.ts";
import { IFCONF_BUFFER_AT, IFNAMSIZ, IFREQ_SIZE, SIOC } from "../../abi/netdevice.ts";
import { AF } from "../../abi/socket.ts";
import type { GuestPtr } from "../../abi/types.ts";
import type { Task } from "../../kernel/task.ts";
import type { Socket } from "../socket/index.ts";
import { LO } from "./loopback.ts";

/** Answers what it knows; undefined for requests of others. Addresses are told to sockets of AF_INET only. */
export function interfaceIoctl(task: Task, socket: Socket, request: number, at: GuestPtr): Result<number> | undefined {
  if (request === SIOC.GIFNAME) return nameOf(task, at);
  const tell = ABOUT_LINK.get(request);
  if (tell !== undefined) return fill(task, at, tell);
  const tellAddress = ABOUT_ADDRESS.get(request);
  if (tellAddress === undefined && request !== SIOC.GIFCONF) return undefined;
  if (socket.family !== AF.INET) return ENOTTY;
  return tellAddress === undefined ? list(task, at) : fill(task, at, tellAddress);
}

type Tell = (union: DataView) => void;

const number =
  (value: number): Tell =>
  (union) =>
    union.setInt32(0, value, true);

/** A struct sockaddr_in. */
const address =
  (ip: readonly number[]): Tell =>
  (union) => {
    union.setUint16(0, AF.INET, true);
    union.setUint16(2, 0);
    for (const [i, byte] of ip.entries()) union.setUint8(4 + i, byte);
  };

const ABOUT_LINK: ReadonlyMap<number, Tell> = new Map<number, Tell>([
  [SIOC.GIFINDEX, number(LO.index)],
  [SIOC.GIFFLAGS, (union) => union.setInt16(0, LO.flags & 0xffff, true)],
  [SIOC.GIFMTU, number(LO.mtu)],
  [SIOC.GIFMETRIC, number(0)],
  [SIOC.GIFTXQLEN, number(LO.queueLength)],
  [
    SIOC.GIFHWADDR,
    (union) => {
      for (let i = 0; i < 16; i++) union.setUint8(i, 0);
      union.setUint16(0, LO.type, true);
    },
  ],
]);

const ABOUT_ADDRESS: ReadonlyMap<number, Tell> = new Map([
  [SIOC.GIFADDR, address(LO.ipv4.address)],
  [SIOC.GIFDSTADDR, address(LO.ipv4.address)],
  [SIOC.GIFBRDADDR, address([0, 0, 0, 0])],
  [SIOC.GIFNETMASK, address(LO.ipv4.mask)],
]);

/** Answers in the union of a struct ifreq: ENODEV if it names no interface. */
function fill(task: Task, at: GuestPtr, tell: Tell): Result<0> {
  const request = task.mm.read(at, IFREQ_SIZE);
  if (request instanceof Errno) return request;
  const name = String.fromCharCode(...request.subarray(0, IFNAMSIZ)).split("\0")[0];
  if (name !== LO.name) return ENODEV;
  const copy = request.slice();
  tell(new DataView(copy.buffer, IFNAMSIZ));
  return task.mm.write(at, copy);
}

/** The name of an interface by its number. */
function nameOf(task: Task, at: GuestPtr): Result<0> {
  const index = task.mm.readU32((at + IFNAMSIZ) as GuestPtr);
  if (index instanceof Errno) return index;
  return index === LO.index ? task.mm.write(at, named()) : ENODEV;
}

function named(): Uint8Array {
  const bytes = new Uint8Array(IFNAMSIZ);
  for (let i = 0; i < LO.name.length; i++) bytes[i] = LO.name.charCodeAt(i);
  return bytes;
}

/** SIOCGIFCONF: as many interfaces as there is room for, or how much room they would take. */
function list(task: Task, at: GuestPtr): Result<0> {
  const room = task.mm.readU32(at);
  const buffer = task.mm.readU64((at + IFCONF_BUFFER_AT) as GuestPtr);
  if (room instanceof Errno) return room;
  if (buffer instanceof Errno) return buffer;
  if ((room | 0) < 0) return EINVAL;
  if (buffer !== 0 && room < IFREQ_SIZE) return task.mm.writeU32(at, 0);
  if (buffer !== 0) {
    const entry = new Uint8Array(IFREQ_SIZE);
    entry.set(named());
    address(LO.ipv4.address)(new DataView(entry.buffer, IFNAMSIZ));
    const written = task.mm.write(buffer as GuestPtr, entry);
    if (written instanceof Errno) return written;
  }
  return task.mm.writeU32(at, IFREQ_SIZE);
}
