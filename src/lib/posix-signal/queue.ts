/** rt_sigqueueinfo(2) and rt_tgsigqueueinfo(2): signals with a value. */
import { EINVAL, EPERM, Errno, ESRCH, type Result } from "../../abi/errno.ts";
import { type SigInfo, siginfo } from "../../abi/riscv64/siginfo.ts";
import { SI } from "../../abi/signal.ts";
import type { GuestPtr, Signo } from "../../abi/types.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { send, sendToThread } from "./kill.ts";
import { siginfoIn, signoArg } from "./signal-args.ts";

export const rtSigqueueinfo = syscall({
  name: "rt_sigqueueinfo",
  args: [arg.i32, signoArg, siginfoIn],
  support: "full",
  run(task, pid, signo, at) {
    const info = readInfo(task, at, signo);
    if (info instanceof Errno) return info;
    if (!mayClaim(task, pid, info.code)) return EPERM;
    const target = task.kernel.processOf(pid);
    return target === undefined ? ESRCH : send(task, target, info);
  },
});

export const rtTgsigqueueinfo = syscall({
  name: "rt_tgsigqueueinfo",
  args: [arg.i32, arg.i32, signoArg, siginfoIn],
  support: "full",
  run(task, tgid, tid, signo, at) {
    const info = readInfo(task, at, signo);
    if (info instanceof Errno) return info;
    if (tid <= 0 || tgid <= 0) return EINVAL;
    if (!mayClaim(task, tid, info.code)) return EPERM;
    return sendToThread(task, tgid, tid, info);
  },
});

/** Reads a siginfo whose number the call overrides. */
function readInfo(task: Task, at: GuestPtr<SigInfo>, signo: number): Result<SigInfo> {
  const info = task.mm.readStruct(at, siginfo);
  return info instanceof Errno ? info : { ...info, signo: signo as Signo };
}

/** Nobody may look like the kernel or like kill(2) to another: si_code must tell of a sender, except towards oneself. */
function mayClaim(task: Task, target: number, code: number): boolean {
  return (code < 0 && code !== SI.TKILL) || target === task.process.pid;
}
