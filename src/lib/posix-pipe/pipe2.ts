/** pipe2(2). Order of checks: do_pipe2() in fs/pipe.c. */
import { EINVAL, Errno } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import { S } from "../../abi/stat.ts";
import type { ByteString } from "../../base/bytes.ts";
import { array, i32 } from "../../base/struct.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { structOut } from "../../kernel/struct-arg.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import {
  AnonymousInode,
  type AttributeChanges,
  type Attributes,
  closeFd,
  installFd,
  OpenFile,
} from "../posix-fdtab/index.ts";
import { Pipe } from "./pipe.ts";
import { type PipeEnd, pipeIoctl, pollEnd } from "./pipe-end.ts";

/** An end of a pipe without a name. */
class PipeFile extends OpenFile implements PipeEnd {
  readonly pipe: Pipe;
  private readonly inode: AnonymousInode;

  constructor(flags: number, pipe: Pipe, inode: AnonymousInode) {
    super(flags, (flags & O.ACCMODE) === O.WRONLY ? pipe.writable : pipe.readable);
    this.pipe = pipe;
    this.inode = inode;
    pipe.opened(this.readable, this.writable);
  }

  override get type(): number {
    return S.IFIFO;
  }

  override get allowsDirect(): boolean {
    return true;
  }

  override get signalsReadiness(): boolean {
    return true;
  }

  override get subject(): object {
    return this.pipe;
  }

  override attributes(): Attributes {
    return this.inode.attributes;
  }

  override change(changes: AttributeChanges): 0 {
    return this.inode.change(changes);
  }

  override describe(): ByteString {
    return `pipe:[${this.inode.number}]` as ByteString;
  }

  override read(_task: Task, into: Uint8Array): Answer {
    return this.pipe.read(into);
  }

  override write(_task: Task, from: Uint8Array): Answer {
    return this.pipe.write(from, (this.flags & O.DIRECT) !== 0);
  }

  override poll(): number {
    return pollEnd(this, 0);
  }

  override ioctl(task: Task, request: number, argument: number): Answer {
    return pipeIoctl(task, this.pipe, request, argument);
  }

  protected override released(): void {
    this.pipe.closed(this.readable, this.writable);
  }
}

/** Makes a pipe: what is written to the second file is read from the first. */
export function makePipe(kernel: Kernel, flags: number): { readonly reader: OpenFile; readonly writer: OpenFile } {
  const pipe = new Pipe();
  const inode = new AnonymousInode(kernel, S.IFIFO | 0o600);
  return {
    reader: new PipeFile(flags, pipe, inode),
    writer: new PipeFile(flags | O.WRONLY, pipe, inode),
  };
}

const ends = array(i32, 2);

export const pipe2 = syscall({
  name: "pipe2",
  args: [
    structOut(ends, (fds) => `[${fds.join(", ")}]`),
    arg.flags({ NONBLOCK: O.NONBLOCK, CLOEXEC: O.CLOEXEC, DIRECT: O.DIRECT }, "O_"),
  ],
  support: "full",
  run(task, at, flags) {
    const { process } = task;
    if (flags & ~(O.CLOEXEC | O.NONBLOCK | O.DIRECT)) return EINVAL;
    const { reader, writer } = makePipe(task.kernel, flags & (O.NONBLOCK | O.DIRECT));
    const first = installFd(process, reader, flags);
    if (first instanceof Errno) {
      writer.hold().drop();
      return first;
    }
    const second = installFd(process, writer, flags);
    if (second instanceof Errno) {
      closeFd(process, first);
      return second;
    }
    const written = task.mm.writeStruct(at, ends, [first, second]);
    if (written instanceof Errno) {
      closeFd(process, first);
      closeFd(process, second);
    }
    return written;
  },
});
