/** rt_sigaction(2) (do_sigaction of Linux kernel/signal.c). */
import { EINVAL, Errno } from "../../abi/errno.ts";
import { sigaction } from "../../abi/riscv64/sigframe.ts";
import { isSignal, SA, SIG } from "../../abi/signal.ts";
import { SignalSet } from "../../abi/signal-set.ts";
import type { StructOf } from "../../base/struct.ts";
import { formatFields, structIn, structOut } from "../../kernel/struct-arg.ts";
import { formatFlags, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import {
  actionOf,
  hasNoEffect,
  KNOWN_FLAGS,
  makeAction,
  type SigAction,
  setAction,
  UNBLOCKABLE,
} from "./disposition.ts";
import { discardPending } from "./post.ts";
import { SIGSET_SIZE, signoArg, sizeArg } from "./signal-args.ts";

type KernelSigaction = StructOf<typeof sigaction>;

export const rtSigaction = syscall({
  name: "rt_sigaction",
  args: [signoArg, structIn(sigaction, formatAction), structOut(sigaction, formatAction), sizeArg],
  support: "full",
  run(task, signo, wantedAt, oldAt, size) {
    if (size !== SIGSET_SIZE) return EINVAL;
    const wanted = wantedAt === 0 ? undefined : task.mm.readStruct(wantedAt, sigaction);
    if (wanted instanceof Errno) return wanted;
    if (!isSignal(signo) || (wanted !== undefined && UNBLOCKABLE.has(signo))) return EINVAL;
    const old = actionOf(task.process, signo);
    if (wanted !== undefined) install(task, signo, parseAction(wanted));
    return oldAt === 0 ? 0 : task.mm.writeStruct(oldAt, sigaction, { ...old, flags: BigInt(old.flags) });
  },
});

function parseAction({ handler, flags, mask }: KernelSigaction): SigAction {
  return makeAction(handler, Number(flags & BigInt(KNOWN_FLAGS)), mask.minus(UNBLOCKABLE));
}

function install(task: Task, signo: Parameters<typeof setAction>[1], action: SigAction): void {
  setAction(task.process, signo, action);
  // What is ignored now is forgotten, also where it is blocked (POSIX 3.3.1.3).
  if (hasNoEffect(action, signo)) discardPending(task.process, SignalSet.of(signo));
  if (action.does === "handle" && (signo === SIG.SEGV || signo === SIG.BUS)) task.mm.requirePreciseFaults();
}

function formatAction(action: KernelSigaction): string {
  const { handler, flags, mask } = action;
  const names = ["SIG_DFL", "SIG_IGN"];
  return formatFields({
    sa_handler: names[Number(handler)] ?? `0x${handler.toString(16)}`,
    sa_mask: `${mask}`,
    sa_flags: flags === 0n ? "0" : formatFlags(Number(flags), SA, "SA_"),
  });
}
