/** FIFOs (fifo(7)): who opens one end waits for the other. Rules: fifo_open() in fs/pipe.c. */
import { ENXIO, type Result } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import type { Process } from "../../kernel/process.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import type { OpenFile } from "../posix-fdtab/index.ts";
import { Pipe, type PipeEnd, pipeIoctl, pollEnd } from "../posix-pipe/index.ts";
import { type Inode, LocatedFile, type Location } from "../vfs/index.ts";

/** The pipe behind each FIFO that is or was open. */
const pipes = perKernel(() => new WeakMap<Inode, Pipe>());

class FifoFile extends LocatedFile implements PipeEnd {
  readonly pipe: Pipe;
  /** How often the other side had been opened when this one was; while that stays so, the open waits. */
  private readonly peersBefore: number;
  private readonly writersSeen: number;

  constructor(process: Process, location: Location, flags: number, pipe: Pipe) {
    super(process, location, flags, queueOf(pipe, flags));
    this.pipe = pipe;
    this.peersBefore = this.writable ? pipe.readerOpens : pipe.writerOpens;
    // A reader that did not wait for a writer has not been hung up before one came.
    this.writersSeen = this.nonBlocking ? pipe.writerOpens : 0;
    pipe.opened(this.readable, this.writable);
  }

  override get signalsReadiness(): boolean {
    return true;
  }

  override get waitsForPeer(): boolean {
    if (this.nonBlocking || this.readable === this.writable) return false;
    const { pipe } = this;
    return this.readable
      ? pipe.writers === 0 && pipe.writerOpens === this.peersBefore
      : pipe.readers === 0 && pipe.readerOpens === this.peersBefore;
  }

  override read(_task: Task, into: Uint8Array): Answer {
    return this.pipe.read(into);
  }

  override write(_task: Task, from: Uint8Array): Answer {
    return this.pipe.write(from, (this.flags & O.DIRECT) !== 0);
  }

  override poll(): number {
    return pollEnd(this, this.writersSeen);
  }

  override ioctl(task: Task, request: number, argument: number): Answer {
    return pipeIoctl(task, this.pipe, request, argument);
  }

  protected override released(): void {
    this.pipe.closed(this.readable, this.writable);
    super.released();
  }
}

function queueOf(pipe: Pipe, flags: number) {
  const mode = flags & O.ACCMODE;
  return mode === O.RDWR ? pipe.either : mode === O.WRONLY ? pipe.writable : pipe.readable;
}

export function openFifo({ process, kernel }: Task, location: Location, flags: number): Result<OpenFile> {
  const known = kernel.get(pipes);
  const { inode } = location.dentry;
  const pipe = known.get(inode) ?? new Pipe();
  known.set(inode, pipe);
  const writesOnly = (flags & O.ACCMODE) === O.WRONLY;
  if (writesOnly && flags & O.NONBLOCK && pipe.readers === 0) return ENXIO;
  return new FifoFile(process, location, flags, pipe);
}
