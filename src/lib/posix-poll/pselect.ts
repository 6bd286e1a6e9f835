/** pselect6(2). Order of checks: do_pselect() and core_sys_select() in fs/select.c. */
import { EBADF, EINVAL, Errno, type Result } from "../../abi/errno.ts";
import { POLL } from "../../abi/poll.ts";
import { sigsetArgumentLayout } from "../../abi/riscv64/poll.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { type Arg, arg, type FormatContext, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { WaitQueue } from "../../kernel/wait.ts";
import { descriptorLimit, fileOf } from "../posix-fdtab/index.ts";
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

/** What each of the three sets asks for (POLLIN_SET and its kin). */
const KINDS = [
  POLL.RDNORM | POLL.RDBAND | POLL.IN | POLL.HUP | POLL.ERR,
  POLL.WRBAND | POLL.WRNORM | POLL.OUT | POLL.ERR,
  POLL.PRI,
] as const;

/** One fd_set: where it lies, and which descriptors it had when the call began. */
interface Asked {
  readonly at: GuestPtr;
  readonly fds: readonly number[];
  readonly wanted: number;
}

class SelectWait implements Waiting {
  readonly deadline: Deadline;
  readonly interrupted = INTERRUPTED;
  private readonly sets: readonly Asked[];
  private readonly bytes: number;
  readonly timeoutAt: GuestPtr;

  constructor(sets: readonly Asked[], bytes: number, deadline: Deadline, timeoutAt: GuestPtr) {
    this.sets = sets;
    this.bytes = bytes;
    this.deadline = deadline;
    this.timeoutAt = timeoutAt;
  }

  scan(task: Task): Result<number> {
    let count = 0;
    for (const set of this.sets) {
      const ready = readyOf(task, set);
      if (ready instanceof Errno) return ready;
      count += ready.length;
    }
    return count;
  }

  queues(task: Task): readonly WaitQueue[] {
    const files = new Set(this.sets.flatMap(({ fds }) => fds).map((fd) => fileOf(task, fd)));
    return [...files].flatMap((file) => (file instanceof Errno ? [] : [file.readiness]));
  }

  finish(task: Task, count: number): Result<number> {
    // A timeout clears the sets; a call that failed or was interrupted leaves them.
    for (const set of this.sets) {
      const bits = new Uint8Array(this.bytes);
      const ready = count === 0 ? [] : readyOf(task, set);
      if (ready instanceof Errno) return ready;
      for (const fd of ready) bits[fd >> 3]! |= 1 << (fd & 7);
      const written = task.mm.write(set.at, bits);
      if (written instanceof Errno) return written;
    }
    return count;
  }
}

function readyOf(task: Task, { fds, wanted }: Asked): Result<readonly number[]> {
  const ready: number[] = [];
  for (const fd of fds) {
    const file = fileOf(task, fd);
    if (file instanceof Errno) return EBADF;
    if (file.poll() & wanted) ready.push(fd);
  }
  return ready;
}

function readSet(task: Task, at: GuestPtr, count: number, bytes: number): Result<readonly number[]> {
  const bits = task.mm.read(at, bytes);
  if (bits instanceof Errno) return bits;
  const fds: number[] = [];
  for (let fd = 0; fd < count; fd++) if (bits[fd >> 3]! & (1 << (fd & 7))) fds.push(fd);
  return fds;
}

/** fd_sets are read in longs. */
const sizeOf = (count: number): number => Math.ceil(count / 64) * 8;

const setArg: Arg<GuestPtr> = {
  decode: "u64",
  format(at, { task, args }: FormatContext) {
    const count = Math.min(Number(args[0]), 1024);
    const fds = at === 0 || count < 0 ? EBADF : readSet(task, at, count, sizeOf(count));
    return fds instanceof Errno ? arg.ptr().format(at, undefined as never) : `[${fds.join(" ")}]`;
  },
};

export const pselect6 = syscall({
  name: "pselect6",
  args: [arg.i32, setArg, setArg, setArg, timespecIn, arg.ptr<"sigset_argpack">()],
  support: "full",
  run(task, n, readAt, writeAt, exceptAt, timeoutAt, packAt) {
    const mask = packAt === 0 ? undefined : task.mm.readStruct(packAt as GuestPtr<never>, sigsetArgumentLayout);
    if (mask instanceof Errno) return mask;
    const deadline = readTimeout(task, timeoutAt);
    if (deadline instanceof Errno) return deadline;
    const refused = mask && beginMask(task, mask.mask as GuestPtr, mask.size);
    if (refused !== undefined) return refused;
    const waiting = parse(task, n, [readAt, writeAt, exceptAt], deadline, timeoutAt);
    return waiting instanceof Errno ? refuse(task, waiting) : waitForAny(task, waiting);
  },
  restart: sleepForAny,
});

function parse(
  task: Task,
  n: number,
  ats: readonly GuestPtr[],
  deadline: Deadline,
  timeoutAt: GuestPtr,
): Result<SelectWait> {
  if (n < 0) return EINVAL;
  const count = Math.min(n, descriptorLimit(task.process));
  const sets: Asked[] = [];
  for (const [index, at] of ats.entries()) {
    if (at === 0) continue;
    const fds = readSet(task, at, count, sizeOf(count));
    if (fds instanceof Errno) return fds;
    sets.push({ at, fds, wanted: KINDS[index]! });
  }
  return new SelectWait(sets, sizeOf(count), deadline, timeoutAt);
}
