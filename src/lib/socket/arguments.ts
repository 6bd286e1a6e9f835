/** How socket calls take and print their arguments, and how addresses cross to the guest (net/socket.c). */
import { EINVAL, ENOTSOCK, Errno, type Result } from "../../abi/errno.ts";
import { ADDRESS_MAX, AF, MSG, SOCK, SOCK_FLAG, SOCK_TYPE_MASK } from "../../abi/socket.ts";
import type { Fd, GuestPtr } from "../../abi/types.ts";
import { type Arg, arg, type FormatContext, formatFlags } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { hex } from "../posix-fdtab/arguments.ts";
import { fileOf } from "../posix-fdtab/index.ts";
import { Socket } from "./socket.ts";

/** The socket of a descriptor: EBADF, ENOTSOCK. */
export function socketOf(task: Task, fd: Fd): Result<Socket> {
  const file = fileOf(task, fd);
  if (file instanceof Errno) return file;
  return file instanceof Socket ? file : ENOTSOCK;
}

/** Reads a sockaddr that a call was given (move_addr_to_kernel). */
export function readAddress(task: Task, at: GuestPtr, length: number): Result<Uint8Array> {
  if (length < 0 || length > ADDRESS_MAX) return EINVAL;
  return length === 0 ? new Uint8Array() : task.mm.read(at, length);
}

/** Writes as much of a sockaddr as there is room for, and how long it is (move_addr_to_user). */
export function writeAddress(task: Task, address: Uint8Array, at: GuestPtr, lengthAt: GuestPtr): Result<0> {
  const room = task.mm.readU32(lengthAt);
  if (room instanceof Errno) return room;
  if ((room | 0) < 0) return EINVAL;
  const shown = address.subarray(0, Math.min(room, address.length));
  const written = shown.length === 0 ? 0 : task.mm.write(at, shown);
  return written instanceof Errno ? written : task.mm.writeU32(lengthAt, address.length);
}

/** A family of addresses. */
export const familyArg: Arg<number> = arg.name(AF, "AF_");

export const typeArg: Arg<number> = {
  decode: "i32",
  format(value) {
    const flags = value & ~SOCK_TYPE_MASK;
    const kind = arg.name(SOCK, "SOCK_").format(value & SOCK_TYPE_MASK, undefined as never);
    return flags === 0 ? kind : `${kind}|${formatFlags(flags, SOCK_FLAG, "SOCK_")}`;
  },
};

export const acceptFlagsArg: Arg<number> = arg.flags(SOCK_FLAG, "SOCK_");
export const messageFlagsArg: Arg<number> = arg.flags(MSG, "MSG_");

/** A sockaddr whose length is the argument behind it. */
export const addressIn: Arg<GuestPtr> = {
  decode: arg.ptr().decode,
  format(at, context: FormatContext) {
    const length = Number(context.args[context.args.indexOf(at) + 1]);
    const bytes = at === 0 ? EFAULT_SHOWN : context.task.mm.read(at, Math.min(Math.max(length, 0), ADDRESS_MAX));
    return bytes instanceof Uint8Array && bytes.length >= 2 ? formatAddress(bytes) : hex(at);
  },
};

const EFAULT_SHOWN = undefined;

function formatAddress(bytes: Uint8Array): string {
  const family = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  const shown = familyArg.format(family, undefined as never);
  const port = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  if (family === AF.INET) return `{sa_family=${shown}, sin_port=${port}, sin_addr=${bytes.subarray(4, 8).join(".")}}`;
  if (family === AF.INET6) return `{sa_family=${shown}, sin6_port=${port}, sin6_addr=${groups(bytes)}}`;
  if (family !== AF.UNIX) return `{sa_family=${shown}}`;
  const path = String.fromCharCode(...bytes.subarray(2));
  const text = path.startsWith("\0") ? `@"${path.slice(1)}"` : `"${path.split("\0")[0]}"`;
  return `{sa_family=${shown}, sun_path=${text}}`;
}

/** The eight groups of an IPv6 address, none left out. */
function groups(sockaddr: Uint8Array): string {
  const [at, count] = [8, 8];
  const group = (i: number): number => ((sockaddr[at + 2 * i] ?? 0) << 8) | (sockaddr[at + 2 * i + 1] ?? 0);
  return Array.from({ length: count }, (_, i) => group(i).toString(16)).join(":");
}
