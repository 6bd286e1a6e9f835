/** struct msghdr, as sendmsg(2) and recvmsg(2) take it (copy_msghdr_from_user in net/socket.c). */
import { EINVAL, EMSGSIZE, ENOBUFS, Errno, type Result } from "../../abi/errno.ts";
import { IOV_MAX } from "../../abi/limits.ts";
import { msghdr } from "../../abi/riscv64/socket.ts";
import { ADDRESS_MAX } from "../../abi/socket.ts";
import type { GuestPtr } from "../../abi/types.ts";
import type { Task } from "../../kernel/task.ts";
import { type GuestBuffer, readVector } from "../posix-fdio/guest-buffer.ts";

/** The header parsed: plain data. */
export interface MessageHeader {
  /** Where it lies. */
  readonly at: GuestPtr;
  readonly name: GuestPtr;
  readonly nameLength: number;
  readonly buffer: GuestBuffer;
  readonly control: GuestPtr;
  readonly controlLength: number;
}

/** The most ancillary data of one message: INT_MAX, and net.core.optmem_max for those that are sent. */
const MOST_CONTROL = 131_072;

export function readHeader(task: Task, at: GuestPtr): Result<MessageHeader> {
  const raw = task.mm.readStruct(at as GuestPtr<never>, msghdr);
  if (raw instanceof Errno) return raw;
  const nameLength = raw.name === 0 ? 0 : Math.min(raw.nameLength, ADDRESS_MAX);
  if (nameLength < 0) return EINVAL;
  if (raw.vectorLength > IOV_MAX) return EMSGSIZE;
  const buffer = readVector(task, raw.vector as GuestPtr, raw.vectorLength);
  if (buffer instanceof Errno) return buffer;
  return {
    at,
    name: raw.name as GuestPtr,
    nameLength,
    buffer,
    control: raw.control as GuestPtr,
    controlLength: raw.controlLength,
  };
}

/** Refuses more ancillary data than is sent at a time. */
export function checkControl({ controlLength }: MessageHeader): Errno | undefined {
  return controlLength > MOST_CONTROL ? ENOBUFS : undefined;
}
