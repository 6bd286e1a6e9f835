/** ppoll(2). Order of checks: do_sys_poll() in fs/select.c. */
import { EFAULT, EINVAL, Errno } from "../../abi/errno.ts";
import { POLL } from "../../abi/poll.ts";
import { pollfdLayout } from "../../abi/riscv64/poll.ts";
import type { GuestPtr } from "../../abi/types.ts";
import type { StructOf } from "../../base/struct.ts";
import { type Arg, arg, type FormatContext, formatFlags, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { WaitQueue } from "../../kernel/wait.ts";
import { descriptorLimit, fileOf } from "../posix-fdtab/index.ts";
import { sigsetIn, sizeArg } from "../posix-signal/signal-args.ts";
import { timespecIn } from "../posix-time/index.ts";
import {
  beginMask,
  type Deadline,
  INTERRUPTED,
  readTimeout,
  refuse,
  sleepForAny,
  type Waiting,
  waitForAny,
} from "./wait.ts";

type PollFd = StructOf<typeof pollfdLayout>;

/** What is always reported, asked for or not. */
const ALWAYS = POLL.ERR | POLL.HUP;

/** A ppoll on its way: what was asked, and where the answers go. */
class PollWait implements Waiting {
  readonly deadline: Deadline;
  readonly interrupted = INTERRUPTED;
  private readonly at: number;
  private readonly fds: readonly PollFd[];
  readonly timeoutAt: GuestPtr;

  constructor(at: number, fds: readonly PollFd[], deadline: Deadline, timeoutAt: GuestPtr) {
    this.at = at;
    this.fds = fds;
    this.deadline = deadline;
    this.timeoutAt = timeoutAt;
  }

  scan(task: Task): number {
    let count = 0;
    for (const wanted of this.fds) if (readiness(task, wanted) !== 0) count++;
    return count;
  }

  queues(task: Task): readonly WaitQueue[] {
    return this.fds.flatMap(({ fd }) => {
      const file = fileOf(task, fd);
      return fd < 0 || file instanceof Errno ? [] : [file.readiness];
    });
  }

  finish(task: Task, count: number) {
    for (const [index, wanted] of this.fds.entries()) {
      const slot = (this.at + index * pollfdLayout.size) as GuestPtr<PollFd>;
      const written = task.mm.writeStruct(slot, pollfdLayout, { ...wanted, revents: readiness(task, wanted) });
      if (written instanceof Errno) return EFAULT;
    }
    return count;
  }
}

function readiness(task: Task, { fd, events }: PollFd): number {
  if (fd < 0) return 0;
  const file = fileOf(task, fd);
  return file instanceof Errno ? POLL.NVAL : file.poll() & (events | ALWAYS);
}

function readFds(task: Task, at: GuestPtr, count: number): readonly PollFd[] | Errno {
  const fds: PollFd[] = [];
  for (let i = 0; i < count; i++) {
    const fd = task.mm.readStruct((at + i * pollfdLayout.size) as GuestPtr<PollFd>, pollfdLayout);
    if (fd instanceof Errno) return fd;
    fds.push(fd);
  }
  return fds;
}

/** The array before the call as asked for, after it as answered. */
const fdsArg: Arg<GuestPtr> = {
  decode: "u64",
  format(at, context: FormatContext) {
    const fds = readFds(context.task, at, Math.min(Number(context.args[1]), SHOWN));
    if (fds instanceof Errno) return pointerText(at);
    const shown = fds.map(({ fd, events, revents }) => {
      const asked = `fd=${fd}, events=${formatFlags(events & 0xffff, POLL, "POLL")}`;
      return context.result ? `{${asked}, revents=${formatFlags(revents & 0xffff, POLL, "POLL")}}` : `{${asked}}`;
    });
    return `[${shown.join(", ")}]`;
  },
};

const SHOWN = 16;
const pointerText = (at: GuestPtr): string => arg.ptr().format(at, undefined as never);

export const ppoll = syscall({
  name: "ppoll",
  args: [fdsArg, arg.u32, timespecIn, sigsetIn, sizeArg],
  support: "full",
  run(task, at, count, timeoutAt, maskAt, maskSize) {
    const deadline = readTimeout(task, timeoutAt);
    if (deadline instanceof Errno) return deadline;
    const refused = beginMask(task, maskAt, maskSize);
    if (refused !== undefined) return refused;
    const fds = count > descriptorLimit(task.process) ? EINVAL : readFds(task, at, count);
    return fds instanceof Errno ? refuse(task, fds) : waitForAny(task, new PollWait(at, fds, deadline, timeoutAt));
  },
  restart: sleepForAny,
});
