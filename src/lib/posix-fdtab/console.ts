/** The host's standard streams as open files: what a program has at 0, 1 and 2 when no terminal is in the way. */
import { EAGAIN, EPIPE } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import { IOCTL } from "../../abi/ioctl.ts";
import { POLL, POLL_READABLE, POLL_WRITABLE } from "../../abi/poll.ts";
import { makeDevice, S } from "../../abi/stat.ts";
import type { GuestPtr } from "../../abi/types.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { HostInput, HostOutput } from "../../kernel/host.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { ExtensionPoint } from "../../kernel/library.ts";
import type { Process } from "../../kernel/process.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { AnonymousInode } from "./anonymous.ts";
import type { AttributeChanges, Attributes } from "./attributes.ts";
import { fdTable, installFd } from "./fd-table.ts";
import { OpenFile } from "./open-file.ts";

/** The files at 0, 1 and 2 of the first process. */
export interface StandardStreams {
  readonly stdin: OpenFile;
  readonly stdout: OpenFile;
  readonly stderr: OpenFile;
}

/**
 * Who makes the standard streams, if the host's console is of a kind that it knows; the first that answers is taken.
 * Without one they are pipes to the host.
 */
export const standardStreams = new ExtensionPoint<(process: Process) => StandardStreams | undefined>("standardStreams");

/** The console's files, made for the first program. */
const holder = perKernel<{ streams: StandardStreams | undefined }>(() => ({ streams: undefined }));

function streamsFor(process: Process): StandardStreams {
  for (const make of process.kernel.extensions(standardStreams)) {
    const made = make(process);
    if (made !== undefined) return made;
  }
  return plainStreams(process.kernel);
}

/** Gives a new process 0, 1 and 2, unless it has them from its parent. */
export function openStandardStreams(process: Process): undefined {
  if (process.get(fdTable).get(0) !== undefined) return;
  const held = process.kernel.get(holder);
  held.streams ??= streamsFor(process);
  const { stdin, stdout, stderr } = held.streams;
  // The console stays open as long as the machine: what one program closes, the next one finds.
  for (const file of [stdin, stdout, stderr]) installFd(process, file.hold());
}

function plainStreams(kernel: Kernel): StandardStreams {
  const { stdin, stdout, stderr } = kernel.host.console;
  return {
    stdin: new ConsoleInput(kernel, stdin),
    stdout: new ConsoleOutput(kernel, stdout),
    stderr: new ConsoleOutput(kernel, stderr),
  };
}

const NULL_DEVICE = makeDevice(1, 3);

/** A stream to or from the host, which is read or written from front to back only: to the program it is a pipe. */
abstract class ConsoleStream extends OpenFile {
  private readonly kind: HostInput["kind"];
  private readonly inode: AnonymousInode;

  constructor(kernel: Kernel, flags: number, kind: HostInput["kind"]) {
    super(flags);
    this.kind = kind;
    this.inode =
      kind === "null"
        ? new AnonymousInode(kernel, S.IFCHR | 0o666, NULL_DEVICE)
        : new AnonymousInode(kernel, S.IFIFO | 0o600);
  }

  override get type(): number {
    return this.inode.type;
  }

  override attributes(): Attributes {
    return this.inode.attributes;
  }

  override change(changes: AttributeChanges): 0 {
    return this.inode.change(changes);
  }

  override describe(): ByteString {
    return (this.kind === "null" ? "/dev/null" : `pipe:[${this.inode.number}]`) as ByteString;
  }
}

/** Reads what the host's stdin has. The host is not asked before the program asks. */
export class ConsoleInput extends ConsoleStream {
  private readonly input: HostInput;
  /** Bytes that were taken to answer {@link poll}, and not read yet. */
  private taken = new Uint8Array();
  private ended = false;
  private listening = false;

  constructor(kernel: Kernel, input: HostInput) {
    super(kernel, O.LARGEFILE, input.kind);
    this.input = input;
  }

  override read(_task: Task, into: Uint8Array): Answer {
    if (into.length === 0) return 0;
    if (!this.fill()) return EAGAIN;
    const bytes = this.taken.subarray(0, into.length);
    into.set(bytes);
    this.taken = this.taken.subarray(bytes.length);
    return bytes.length;
  }

  override poll(): number {
    return this.fill() ? POLL_READABLE | (this.ended ? POLL.HUP : 0) : 0;
  }

  override ioctl(task: Task, request: number, argument: number): Answer {
    if (request !== IOCTL.FIONREAD) return super.ioctl(task, request, argument);
    this.fill();
    return task.mm.writeU32(argument as GuestPtr, this.taken.length);
  }

  /** Whether a read would answer now: with bytes, or with the end. */
  private fill(): boolean {
    if (this.taken.length > 0 || this.ended) return true;
    if (!this.listening) {
      this.listening = true;
      this.input.onReadable(() => this.readiness.wake());
    }
    const got = this.input.read(CHUNK);
    if (got === "empty") return false;
    if (got === "end") this.ended = true;
    else this.taken = new Uint8Array(got);
    return true;
  }
}

const CHUNK = 65536;

/** Writes to the host's stdout or stderr. */
export class ConsoleOutput extends ConsoleStream {
  private readonly output: HostOutput;
  private gone = false;

  constructor(kernel: Kernel, output: HostOutput) {
    super(kernel, O.WRONLY | O.LARGEFILE, output.kind);
    this.output = output;
    output.onDrain(() => this.readiness.wake());
  }

  override write(_task: Task, from: Uint8Array): Answer {
    if (this.gone) return EPIPE;
    if (this.output.full) return EAGAIN;
    // The host keeps what it is given until it is written; guest memory changes meanwhile.
    this.gone = !this.output.write(from.slice());
    return this.gone ? EPIPE : from.length;
  }

  override poll(): number {
    return this.gone ? POLL_WRITABLE | POLL.ERR : this.output.full ? 0 : POLL_WRITABLE;
  }
}
