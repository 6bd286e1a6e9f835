/** pidfd_send_signal(2): a signal that cannot reach another process which got the id (Linux kernel/signal.c). */
import { EINVAL, EPERM, Errno, ESRCH, type Result } from "../../abi/errno.ts";
import { PIDFD_SIGNAL } from "../../abi/pidfd.ts";
import { type SigInfo, siginfo } from "../../abi/riscv64/siginfo.ts";
import { SI } from "../../abi/signal.ts";
import type { GuestPtr, Pgid, Signo } from "../../abi/types.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { fdArg } from "../posix-fdtab/arguments.ts";
import { groupMembers } from "../posix-process/index.ts";
import { sendSignal, sendToGroup, siginfoIn, signoArg } from "../posix-signal/index.ts";
import { credentialsOf } from "../posix-user/index.ts";
import { pidfdOf, processOf, type Target } from "./pidfd-file.ts";

type Scope = "thread" | "process" | "group";

export const pidfdSendSignal = syscall({
  name: "pidfd_send_signal",
  args: [fdArg, signoArg, siginfoIn, arg.flags(PIDFD_SIGNAL, "PIDFD_SIGNAL_")],
  support: { partial: "no descriptors of /proc/PID in place of a pidfd" },
  run(task, pidfd, signo, at, flags) {
    if ((flags & ~ALL_FLAGS) !== 0 || (flags & (flags - 1)) !== 0) return EINVAL;
    const file = pidfdOf(task, pidfd);
    if (file instanceof Errno) return file;
    const { target } = file;
    const scope = scopeOf(target, flags);
    const info = at === 0 ? plainInfo(task, signo, scope) : readInfo(task, target, scope, signo, at);
    if (info instanceof Errno) return info;
    return file.gone ? ESRCH : send(task, target, scope, info);
  },
});

const ALL_FLAGS = PIDFD_SIGNAL.THREAD | PIDFD_SIGNAL.THREAD_GROUP | PIDFD_SIGNAL.PROCESS_GROUP;

function scopeOf(target: Target, flags: number): Scope {
  if (flags === PIDFD_SIGNAL.THREAD) return "thread";
  if (flags === PIDFD_SIGNAL.PROCESS_GROUP) return "group";
  return flags === PIDFD_SIGNAL.THREAD_GROUP || !("process" in target) ? "process" : "thread";
}

function plainInfo({ process }: Task, signo: number, scope: Scope): SigInfo {
  const code = scope === "thread" ? SI.TKILL : SI.USER;
  return { kind: "kill", signo: signo as Signo, code, pid: process.pid, uid: credentialsOf(process).uid };
}

/** Only to itself may a process say anything. */
function readInfo(task: Task, target: Target, scope: Scope, signo: number, at: GuestPtr<SigInfo>): Result<SigInfo> {
  const info = task.mm.readStruct(at, siginfo);
  if (info instanceof Errno) return info;
  if ((info.signo as number) !== signo) return EINVAL;
  const itself = processOf(target) === task.process && (!("process" in target) || target === task) && scope !== "group";
  return !itself && (info.code >= 0 || info.code === SI.TKILL) ? EPERM : info;
}

function send(task: Task, target: Target, scope: Scope, info: SigInfo): Result<number> {
  const process = processOf(target);
  switch (scope) {
    case "group": {
      const pgid = ("process" in target ? target.tid : target.pid) as number as Pgid;
      return sendToGroup(task, groupMembers(task.kernel, pgid), info);
    }
    case "process":
      return sendSignal(task, process, info);
    case "thread": {
      const first = [...process.tasks].find(({ tid }) => (tid as number) === process.pid);
      return sendSignal(task, "process" in target ? target : (first ?? process), info);
    }
  }
}
