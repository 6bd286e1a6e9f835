import { CAP } from "../../abi/capability.ts";
import { EBADF, EINVAL, ENOTTY, type Result } from "../../abi/errno.ts";
import { F } from "../../abi/fcntl.ts";
import { IOCTL } from "../../abi/ioctl.ts";
import type { GuestPtr } from "../../abi/types.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import type { FcntlCommand, OpenFile } from "../posix-fdtab/index.ts";
import { hasCapability } from "../posix-user/index.ts";
import type { Pipe } from "./pipe.ts";

/** An open file that is an end of a pipe, or of a FIFO, or both ends. */
export interface PipeEnd extends OpenFile {
  readonly pipe: Pipe;
}

export function isPipeEnd(file: OpenFile): file is PipeEnd {
  return "pipe" in file;
}

/** ioctl(2) of either end. */
export function pipeIoctl(task: Task, pipe: Pipe, request: number, argument: number): Answer {
  return request === IOCTL.FIONREAD ? task.mm.writeU32(argument as GuestPtr, pipe.length) : ENOTTY;
}

/** Ready for what the file was opened for. */
export function pollEnd(file: PipeEnd, writersSeen: number): number {
  return (file.readable ? file.pipe.pollReader(writersSeen) : 0) | (file.writable ? file.pipe.pollWriter() : 0);
}

export const pipeSizeCommands: readonly FcntlCommand[] = [
  { command: F.GETPIPE_SZ, run: (_task, file) => (isPipeEnd(file) ? file.pipe.capacity : EBADF) },
  { command: F.SETPIPE_SZ, run: setSize },
];

function setSize(task: Task, file: OpenFile, bytes: number): Result<number> {
  if (!isPipeEnd(file)) return EBADF;
  if (bytes > 0xffff_ffff) return EINVAL;
  return file.pipe.resize(bytes, hasCapability(task.process, CAP.SYS_RESOURCE));
}
