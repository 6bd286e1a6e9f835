/** /dev/null, zero, full, random and urandom (mem(4), null(4), full(4), random(4); drivers/char/mem.c, random.c). */
import { EINVAL, ENOSPC, type Result } from "../../abi/errno.ts";
import { SEEK } from "../../abi/fcntl.ts";
import { makeDevice, S } from "../../abi/stat.ts";
import type { GuestPtr } from "../../abi/types.ts";
import type { Process } from "../../kernel/process.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { LocatedFile, type Location, type SpecialFile } from "../vfs/index.ts";

/** How a device of bytes without an end behaves. */
interface Bytes {
  read(task: Task, into: Uint8Array): number;
  write(from: Uint8Array): Result<number>;
  /** See {@link OpenFile.swallows}. */
  readonly swallows?: boolean;
  /** lseek(2) on random devices does nothing, on the others it moves a position that means nothing. */
  readonly keepsPosition: boolean;
  ioctl?(task: Task, request: number, argument: number): Answer;
}

class MemoryDevice extends LocatedFile {
  private readonly bytes: Bytes;

  constructor(process: Process, location: Location, flags: number, bytes: Bytes) {
    super(process, location, flags);
    this.bytes = bytes;
  }

  override get seekable(): boolean {
    return true;
  }

  override get swallows(): boolean {
    return this.bytes.swallows ?? false;
  }

  override read(task: Task, into: Uint8Array): Answer {
    return this.bytes.read(task, into);
  }

  override write(_task: Task, from: Uint8Array): Answer {
    return this.bytes.write(from);
  }

  // null_lseek and noop_llseek: both answer a position without asking whether there is such a byte.
  override seek(_offset: number, whence: number): Answer {
    if (whence === SEEK.DATA || whence === SEEK.HOLE) return EINVAL;
    if (this.bytes.keepsPosition) return this.position;
    this.position = 0;
    return 0;
  }

  override ioctl(task: Task, request: number, argument: number): Answer {
    return this.bytes.ioctl?.(task, request, argument) ?? EINVAL;
  }
}

const nothing: Bytes = { read: () => 0, write: (from) => from.length, swallows: true, keepsPosition: false };

function zeros(_task: Task, into: Uint8Array): number {
  into.fill(0);
  return into.length;
}

function entropy({ kernel }: Task, into: Uint8Array): number {
  // Hosts refuse views of shared memory, so that the bytes are made beside it.
  const part = new Uint8Array(Math.min(into.length, 1 << 16));
  for (let at = 0; at < into.length; at += part.length) {
    kernel.host.entropy.fill(part);
    into.set(part.subarray(0, into.length - at), at);
  }
  return into.length;
}

const RNDGETENTCNT = 0x8004_5200;
const ENTROPY_BITS = 256;

/** What is written to a random device is mixed into the pool: the host's pool needs nothing of it. */
const random: Bytes = {
  read: entropy,
  write: (from) => from.length,
  keepsPosition: true,
  ioctl: (task, request, at) => (request === RNDGETENTCNT ? task.mm.writeU32(at as GuestPtr, ENTROPY_BITS) : EINVAL),
};

/** Name, minor number and behaviour of each device with the major number 1. */
const DEVICES: readonly (readonly [name: string, minor: number, bytes: Bytes])[] = [
  ["null", 3, nothing],
  ["zero", 5, { ...nothing, read: zeros }],
  ["full", 7, { read: zeros, write: () => ENOSPC, keepsPosition: false }],
  ["random", 8, random],
  ["urandom", 9, random],
];

const MAJOR = 1;

export const memoryNodes = DEVICES.map(([name, minor]) => ({ name, major: MAJOR, minor, mode: 0o666 }));

export const memoryDrivers: readonly SpecialFile[] = DEVICES.map(([, minor, bytes]) => ({
  type: S.IFCHR,
  rdev: makeDevice(MAJOR, minor),
  open: ({ process }, location, flags) => new MemoryDevice(process, location, flags, bytes),
}));
