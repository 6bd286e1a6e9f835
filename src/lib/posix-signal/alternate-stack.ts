/** sigaltstack(2) (do_sigaltstack of Linux kernel/signal.c). */
import { EINVAL, ENOMEM, EPERM, Errno, type Result } from "../../abi/errno.ts";
import { type StackT, stackT } from "../../abi/riscv64/sigframe.ts";
import { MINSIGSTKSZ, SS } from "../../abi/signal.ts";
import { formatFields, structIn, structOut } from "../../kernel/struct-arg.ts";
import { formatFlags, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { type AlternateStack, NO_STACK, taskSignals } from "./task-signals.ts";

const SP = 2;

/** Whether an address lies on the stack. One that is disarmed while in use counts as none. (on_sig_stack) */
export function isOnStack({ sp, size, flags }: AlternateStack, address: bigint): boolean {
  return (flags & SS.AUTODISARM) === 0 && address > sp && address - sp <= size;
}

/** SS_DISABLE without a stack, SS_ONSTACK while it is in use, else 0. (sas_ss_flags) */
export function onStackFlag(stack: AlternateStack, address: bigint): number {
  if (stack.isNone) return SS.DISABLE;
  return isOnStack(stack, address) ? SS.ONSTACK : 0;
}

export function stackReport({ sp, size }: AlternateStack, flags: number): StackT {
  return { sp, flags: flags >>> 0, size };
}

function formatStack({ sp, flags, size }: StackT): string {
  const named = flags === 0 ? "0" : formatFlags(flags, SS, "SS_");
  return formatFields({ ss_sp: sp === 0n ? "NULL" : `0x${sp.toString(16)}`, ss_flags: named, ss_size: `${size}` });
}

export const sigaltstack = syscall({
  name: "sigaltstack",
  args: [structIn(stackT, formatStack), structOut(stackT, formatStack)],
  support: "full",
  run(task, wantedAt, oldAt) {
    const wanted = wantedAt === 0 ? undefined : task.mm.readStruct(wantedAt, stackT);
    if (wanted instanceof Errno) return wanted;
    const { stack } = task.get(taskSignals);
    const old = stackReport(stack, onStackFlag(stack, task.x(SP)) | (stack.flags & SS.AUTODISARM));
    const changed = wanted === undefined ? 0 : changeStack(task, wanted);
    if (changed instanceof Errno) return changed;
    return oldAt === 0 ? 0 : task.mm.writeStruct(oldAt, stackT, old);
  },
});

/** Sets the alternate stack; the task must not be on the one it has. */
export function changeStack(task: Task, wanted: StackT): Result<0> {
  const signals = task.get(taskSignals);
  const { sp, size } = wanted;
  // Bit 31 of an unsigned flags word: arithmetic keeps it positive.
  const mode = wanted.flags >= SS.AUTODISARM ? wanted.flags - SS.AUTODISARM : wanted.flags;
  if (isOnStack(signals.stack, task.x(SP))) return EPERM;
  if (mode !== SS.DISABLE && mode !== SS.ONSTACK && mode !== 0) return EINVAL;
  const { stack } = signals;
  if (stack.sp === sp && stack.size === size && stack.flags === wanted.flags) return 0;
  if (mode === SS.DISABLE) {
    signals.stack = { ...NO_STACK, flags: wanted.flags };
    return 0;
  }
  if (size < BigInt(MINSIGSTKSZ)) return ENOMEM;
  signals.stack = { isNone: false, sp, size, flags: wanted.flags };
  return 0;
}
