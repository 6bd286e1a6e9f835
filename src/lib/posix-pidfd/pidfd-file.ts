import { EBADF, Errno, ESRCH, type Result } from "../../abi/errno.ts";
import { POLL, POLL_READABLE } from "../../abi/poll.ts";
import type { Process } from "../../kernel/process.ts";
import { perProcess } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import { WaitQueue } from "../../kernel/wait.ts";
import { AnonymousFile, fileOf } from "../posix-fdtab/index.ts";

/** Woken when one of a process's threads ends, and when the last has. */
export const ends = perProcess(() => new WaitQueue());

/** What a descriptor stands for: a process, or one thread of it. It stays the same when the id is given to another. */
export type Target = Process | Task;

/** A descriptor of a process or thread (fs/pidfs.c): it can be polled for the end, and names the target in other calls. */
export class PidfdFile extends AnonymousFile {
  readonly target: Target;
  override readonly readiness: WaitQueue;

  constructor(target: Target, flags: number) {
    super(target.kernel, flags, "pidfd");
    this.target = target;
    this.readiness = processOf(target).get(ends);
  }

  /** Whether nobody can wait for it any more: then it names nothing. */
  get gone(): boolean {
    const process = processOf(this.target);
    if ("process" in this.target && this.target.dead) return true;
    return process.kernel.processes.get(process.pid) !== process;
  }

  override poll(): number {
    if (this.gone) return POLL_READABLE | POLL.HUP;
    return processOf(this.target).ended ? POLL_READABLE : 0;
  }

  override facts(): string {
    const { target } = this;
    const id = this.gone ? -1 : "process" in target ? target.tid : target.pid;
    return `Pid:\t${id}\nNSpid:\t${id}\n`;
  }
}

export function processOf(target: Target): Process {
  return "process" in target ? target.process : target;
}

/** The file of a descriptor that is one of a process. */
export function pidfdOf(task: Task, fd: number): Result<PidfdFile> {
  const file = fileOf(task, fd);
  return file instanceof PidfdFile ? file : EBADF;
}

/** What a descriptor stands for; ESRCH if that is gone. */
export function targetOf(task: Task, fd: number): Result<Target> {
  const file = pidfdOf(task, fd);
  if (file instanceof Errno) return file;
  return file.gone ? ESRCH : file.target;
}
