/** rt_sigprocmask(2) and rt_sigpending(2). */
import { EINVAL, Errno } from "../../abi/errno.ts";
import { SIG_HOW } from "../../abi/signal.ts";
import { type SignalSet, sigset } from "../../abi/signal-set.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import { SIGSET_SIZE, sigsetIn, sigsetOut, sizeArg } from "./signal-args.ts";
import { pendingSignals, setSignalMask, signalMask } from "./task-signals.ts";

export const rtSigprocmask = syscall({
  name: "rt_sigprocmask",
  args: [arg.name(SIG_HOW, "SIG_"), sigsetIn, sigsetOut, sizeArg],
  support: "full",
  run(task, how, changeAt, oldAt, size) {
    if (size !== SIGSET_SIZE) return EINVAL;
    const old = signalMask(task);
    if (changeAt !== 0) {
      const change = task.mm.readStruct(changeAt, sigset);
      if (change instanceof Errno) return change;
      const mask = combine(how, old, change);
      if (mask === undefined) return EINVAL;
      setSignalMask(task, mask);
    }
    return oldAt === 0 ? 0 : task.mm.writeStruct(oldAt, sigset, old);
  },
});

function combine(how: number, old: SignalSet, change: SignalSet): SignalSet | undefined {
  switch (how) {
    case SIG_HOW.BLOCK:
      return old.union(change);
    case SIG_HOW.UNBLOCK:
      return old.minus(change);
    case SIG_HOW.SETMASK:
      return change;
    default:
      return undefined;
  }
}

/** rt_sigpending(2) writes as much of the set as the program has room for. */
export const rtSigpending = syscall({
  name: "rt_sigpending",
  args: [sigsetOut, sizeArg],
  support: "full",
  run(task, at, size) {
    if (size > SIGSET_SIZE) return EINVAL;
    const bytes = new Uint8Array(SIGSET_SIZE);
    sigset.write(new DataView(bytes.buffer), 0, pendingSignals(task).intersection(signalMask(task)));
    return task.mm.write(at as number, bytes.subarray(0, size));
  },
});
