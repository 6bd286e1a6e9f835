/** The signal of a file that became ready (send_sigio of Linux fs/fcntl.c). */
import { POLL, POLL_READABLE, POLL_WRITABLE } from "../../abi/poll.ts";
import { POLL_CODE, SI, SIG } from "../../abi/signal.ts";
import type { Fd, Signo } from "../../abi/types.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { Process } from "../../kernel/process.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import type { Dependent, OpenFile } from "../posix-fdtab/index.ts";
import { maySignal, postSignal } from "../posix-signal/index.ts";
import { type Owner, receiversOf } from "./owner.ts";

/** What F_SETOWN and F_SETSIG set of a file, and whether O_ASYNC has it tell. */
export class Notice implements Dependent {
  owner: Owner | undefined;
  /** The signal; 0 is SIGIO, which says nothing of the file. */
  signal = 0;
  /** Who named the owner: it is by its leave that signals are sent. */
  sender: Process | undefined;
  private readonly kernel: Kernel;
  private readonly file: OpenFile;
  /** The descriptor by which it was asked to tell; undefined while it was not. */
  private fd: Fd | undefined;

  constructor(kernel: Kernel, file: OpenFile) {
    this.kernel = kernel;
    this.file = file;
  }

  /** O_ASYNC was set or cleared. */
  tell(fd: Fd | undefined): void {
    this.fd = fd;
    if (fd === undefined) {
      this.file.readiness.unwatch(this.changed);
      this.file.removeDependent(this);
      return;
    }
    this.file.readiness.watch(this.changed);
    this.file.addDependent(this);
  }

  fileReleased(): void {
    this.file.readiness.unwatch(this.changed);
  }

  private readonly changed = (): void => {
    const { owner, fd, kernel, sender } = this;
    if (owner === undefined || fd === undefined || sender === undefined) return;
    for (const receiver of receiversOf(kernel, owner)) {
      const process = receiver instanceof Process ? receiver : receiver.process;
      if (maySignal(sender, process, SIG.IO) === 0) this.post(receiver, fd);
    }
  };

  /** A signal with what is ready, and plain SIGIO where that cannot be queued. */
  private post(receiver: Process | Task, fd: Fd): void {
    const readable = (this.file.poll() & (POLL.IN | POLL.HUP)) !== 0;
    if (this.signal !== 0) {
      const code = readable ? POLL_CODE.IN : POLL_CODE.OUT;
      const band = readable ? POLL_READABLE : POLL_WRITABLE | POLL.WRBAND;
      const sent = postSignal(receiver, { kind: "poll", signo: this.signal as Signo, code, band, fd });
      if (sent === 0) return;
    }
    postSignal(receiver, { kind: "kill", signo: SIG.IO, code: SI.KERNEL, pid: 0, uid: 0 });
  }
}

const notices = perKernel(() => new WeakMap<OpenFile, Notice>());

/** What a file tells, and whom: nobody at first. */
export function noticeOf(kernel: Kernel, file: OpenFile): Notice {
  const known = kernel.get(notices);
  const notice = known.get(file) ?? new Notice(kernel, file);
  known.set(file, notice);
  return notice;
}
