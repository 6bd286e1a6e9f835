/** read(2), write(2), readv(2), writev(2) and their positioned forms. Order of checks: fs/read_write.c. */
import { EBADF, EFAULT, EINVAL, EOPNOTSUPP, Errno, ESPIPE } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import type { Fd } from "../../abi/types.ts";
import { RWF } from "../../abi/uio.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { CallAnswer } from "../../kernel/wait.ts";
import { fdArg, iovecArg } from "../posix-fdtab/arguments.ts";
import { fileOf, OpenFile } from "../posix-fdtab/index.ts";
import { type GuestBuffer, onePiece, readVector, USER_END } from "./guest-buffer.ts";
import { type Transfer, transfer } from "./transfer.ts";

/** What preadv2(2) and pwritev2(2) add to a transfer. */
interface Extras {
  readonly position?: number;
  readonly flags?: number;
}

function start(
  task: Task,
  file: OpenFile,
  direction: Transfer["direction"],
  buffer: GuestBuffer,
  { position, flags = 0 }: Extras = {},
): CallAnswer {
  const append = flags & RWF.APPEND || (file.flags & O.APPEND && !(flags & RWF.NOAPPEND));
  return transfer(task, {
    direction,
    file,
    buffer,
    position,
    append: direction === "write" && append !== 0,
    nonBlocking: file.nonBlocking || (flags & RWF.NOWAIT) !== 0,
    done: 0,
    isWaiting: false,
    until: undefined,
  });
}

/** access_ok() and rw_verify_area(): a range that no program can have is EFAULT, one that ends beyond all offsets EINVAL. */
function checkRange(at: number, count: number, position = 0): Errno | undefined {
  if (at + count > USER_END) return EFAULT;
  return count > 0 && position + count >= 2 ** 63 ? EINVAL : undefined;
}

/** A file that a transfer may go through: open for it, and for positioned ones with a position. */
function openFor(task: Task, fd: Fd, direction: Transfer["direction"], position?: number): OpenFile | Errno {
  if (position !== undefined && position < 0) return EINVAL;
  const file = fileOf(task, fd);
  if (file instanceof Errno) return file;
  if (position !== undefined && !file.seekable) return ESPIPE;
  if (!(direction === "read" ? file.readable : file.writable)) return EBADF;
  // Without the operation (FMODE_CAN_READ, FMODE_CAN_WRITE) nothing else is looked at.
  const { read, write } = OpenFile.prototype;
  return (direction === "read" ? file.read === read : file.write === write) ? EINVAL : file;
}

export const read = syscall({
  name: "read",
  args: [fdArg, arg.output, arg.u64],
  support: "full",
  run(task, fd, at, count) {
    const file = openFor(task, fd, "read");
    return file instanceof Errno ? file : (checkRange(at, count) ?? start(task, file, "read", onePiece(at, count)));
  },
  restart: transfer,
});

export const write = syscall({
  name: "write",
  args: [fdArg, arg.input(2), arg.u64],
  support: "full",
  run(task, fd, at, count) {
    const file = openFor(task, fd, "write");
    return file instanceof Errno ? file : (checkRange(at, count) ?? start(task, file, "write", onePiece(at, count)));
  },
  restart: transfer,
});

export const pread64 = syscall({
  name: "pread64",
  args: [fdArg, arg.output, arg.u64, arg.i64],
  support: "full",
  run(task, fd, at, count, position) {
    const file = openFor(task, fd, "read", position);
    if (file instanceof Errno) return file;
    return checkRange(at, count, position) ?? start(task, file, "read", onePiece(at, count), { position });
  },
  restart: transfer,
});

export const pwrite64 = syscall({
  name: "pwrite64",
  args: [fdArg, arg.input(2), arg.u64, arg.i64],
  support: "full",
  run(task, fd, at, count, position) {
    const file = openFor(task, fd, "write", position);
    if (file instanceof Errno) return file;
    return checkRange(at, count, position) ?? start(task, file, "write", onePiece(at, count), { position });
  },
  restart: transfer,
});

function vectored(
  task: Task,
  fd: Fd,
  direction: Transfer["direction"],
  at: number,
  count: number,
  extras: Extras = {},
) {
  const file = openFor(task, fd, direction, extras.position);
  if (file instanceof Errno) return file;
  const buffer = readVector(task, at, count);
  if (buffer instanceof Errno) return buffer;
  return buffer.length === 0 ? 0 : start(task, file, direction, buffer, extras);
}

export const readv = syscall({
  name: "readv",
  args: [fdArg, iovecArg(2, "output"), arg.u64],
  support: "full",
  run: (task, fd, at, count) => vectored(task, fd, "read", at, count),
  restart: transfer,
});

export const writev = syscall({
  name: "writev",
  args: [fdArg, iovecArg(2, "input"), arg.u64],
  support: "full",
  run: (task, fd, at, count) => vectored(task, fd, "write", at, count),
  restart: transfer,
});

// The position comes in one register on 64-bit machines; the fifth argument is the high half that 32-bit ones need.
export const preadv = syscall({
  name: "preadv",
  args: [fdArg, iovecArg(2, "output"), arg.u64, arg.i64],
  support: "full",
  run: (task, fd, at, count, position) => vectored(task, fd, "read", at, count, { position }),
  restart: transfer,
});

export const pwritev = syscall({
  name: "pwritev",
  args: [fdArg, iovecArg(2, "input"), arg.u64, arg.i64],
  support: "full",
  run: (task, fd, at, count, position) => vectored(task, fd, "write", at, count, { position }),
  restart: transfer,
});

const READ_FLAGS = RWF.HIPRI | RWF.NOWAIT | RWF.DSYNC | RWF.SYNC;
const WRITE_FLAGS = READ_FLAGS | RWF.APPEND | RWF.NOAPPEND;

/** The *v2 calls: a position of -1 means the file's own, and flags that nobody knows are EOPNOTSUPP (kiocb_set_rw_flags). */
function withFlags(
  task: Task,
  fd: Fd,
  direction: Transfer["direction"],
  at: number,
  count: number,
  position: number,
  flags: number,
): CallAnswer {
  const known = direction === "read" ? READ_FLAGS : WRITE_FLAGS;
  const file = openFor(task, fd, direction, position === -1 ? undefined : position);
  if (file instanceof Errno) return file;
  const buffer = readVector(task, at, count);
  if (buffer instanceof Errno) return buffer;
  if (flags & ~known) return EOPNOTSUPP;
  if (flags & RWF.APPEND && flags & RWF.NOAPPEND) return EINVAL;
  return start(task, file, direction, buffer, { flags, ...(position === -1 ? {} : { position }) });
}

export const preadv2 = syscall({
  name: "preadv2",
  args: [fdArg, iovecArg(2, "output"), arg.u64, arg.i64, arg.u64, arg.flags(RWF, "RWF_")],
  support: "full",
  run: (task, fd, at, count, position, _high, flags) => withFlags(task, fd, "read", at, count, position, flags),
  restart: transfer,
});

export const pwritev2 = syscall({
  name: "pwritev2",
  args: [fdArg, iovecArg(2, "input"), arg.u64, arg.i64, arg.u64, arg.flags(RWF, "RWF_")],
  support: "full",
  run(task, fd, at, count, position, _high, flags) {
    const answer = withFlags(task, fd, "write", at, count, position, flags);
    if (!(flags & (RWF.DSYNC | RWF.SYNC)) || typeof answer !== "number") return answer;
    const file = fileOf(task, fd);
    const synced = file instanceof Errno ? file : file.sync();
    return synced instanceof Errno ? synced : answer;
  },
  restart: transfer,
});
