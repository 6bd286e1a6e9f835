/** rt_sigtimedwait(2): takes a pending signal without a handler (do_sigtimedwait of Linux kernel/signal.c). */
import { EAGAIN, EINTR, EINVAL, Errno, type Result } from "../../abi/errno.ts";
import { type SigInfo, siginfo } from "../../abi/riscv64/siginfo.ts";
import { timespec } from "../../abi/riscv64/time.ts";
import { SignalSet } from "../../abi/signal-set.ts";
import { NSEC_PER_SEC } from "../../abi/time.ts";
import type { GuestPtr, Instant, Timespec } from "../../abi/types.ts";
import { formatFields, structIn } from "../../kernel/struct-arg.ts";
import { syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer, Blocking } from "../../kernel/wait.ts";
import { UNBLOCKABLE } from "./disposition.ts";
import { readMask, siginfoOut, sigsetIn, sizeArg } from "./signal-args.ts";
import { takePending } from "./take.ts";
import { setSignalMask, taskSignals } from "./task-signals.ts";

interface WaitState {
  readonly which: SignalSet;
  readonly infoAt: GuestPtr<SigInfo>;
  readonly deadline: Instant | undefined;
}

const timespecIn = structIn(timespec, (t) => formatFields({ tv_sec: t.seconds, tv_nsec: t.nanoseconds }));

export const rtSigtimedwait = syscall({
  name: "rt_sigtimedwait",
  args: [sigsetIn, siginfoOut, timespecIn, sizeArg],
  support: "full",
  run(task, whichAt, infoAt, timeoutAt, size) {
    const wanted = readMask(task, whichAt, size);
    if (wanted instanceof Errno) return wanted;
    const timeout = timeoutAt === 0 ? undefined : task.mm.readStruct(timeoutAt, timespec);
    if (timeout instanceof Errno) return timeout;
    if (timeout !== undefined && !isDuration(timeout)) return EINVAL;
    return takeOrWait(task, wanted.minus(UNBLOCKABLE), infoAt, timeout);
  },
  restart: wait,
});

function takeOrWait(task: Task, which: SignalSet, infoAt: GuestPtr<SigInfo>, timeout: Timespec | undefined): Answer {
  const info = takePending(task, which);
  if (info !== undefined) return report(task, info, infoAt);
  const durationNs = timeout === undefined ? undefined : timeout.seconds * NSEC_PER_SEC + timeout.nanoseconds;
  if (durationNs === 0) return EAGAIN;
  const deadline = durationNs === undefined ? undefined : ((task.kernel.now() + durationNs) as Instant);
  return wait(task, { which, infoAt, deadline });
}

/** Sleeps with the signals unblocked, so that they wake it; what it does not take runs its handler afterwards. */
function* wait(task: Task, state: WaitState): Blocking {
  const signals = task.get(taskSignals);
  task.restart = state;
  // A wait that goes on has changed the mask already.
  const before = signals.realBlocked.isEmpty ? signals.blocked : signals.realBlocked;
  signals.realBlocked = before;
  setSignalMask(task, before.minus(state.which));
  const reason = yield { on: [], deadline: state.deadline };
  signals.realBlocked = SignalSet.EMPTY;
  setSignalMask(task, before);
  const info = takePending(task, state.which);
  if (info !== undefined) return report(task, info, state.infoAt);
  return reason === "timeout" ? EAGAIN : EINTR;
}

function report(task: Task, info: SigInfo, at: GuestPtr<SigInfo>): Result<number> {
  const written = at === 0 ? 0 : task.mm.writeStruct(at, siginfo, info);
  return written instanceof Errno ? written : info.signo;
}

function isDuration({ seconds, nanoseconds }: Timespec): boolean {
  return seconds >= 0 && nanoseconds >= 0 && nanoseconds < NSEC_PER_SEC;
}
