/**
 * kill(2), tkill(2) and tgkill(2). One pid_t says a process, a group or everyone, so it is parsed once. Compare
 * kill_something_info() and do_send_specific() of Linux kernel/signal.c.
 */
import { EINVAL, EPERM, ESRCH, type Result } from "../../abi/errno.ts";
import { SI } from "../../abi/signal.ts";
import type { Pgid, Pid, Signo, Tid } from "../../abi/types.ts";
import type { Process } from "../../kernel/process.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { groupMembers, jobControlOf } from "../posix-process/index.ts";
import { credentialsOf } from "../posix-user/index.ts";
import { maySignal } from "./permission.ts";
import { postSignal, type Sent } from "./post.ts";
import { signoArg } from "./signal-args.ts";

/** The pid whose negation overflows: no group can have it. */
const INT_MIN = -0x8000_0000;

type Target = { readonly kind: "group"; readonly pgid: Pgid } | { readonly kind: "everyone" };

export const kill = syscall({
  name: "kill",
  args: [arg.i32, signoArg],
  support: "full",
  run(task, pid, signo) {
    if (pid === INT_MIN) return ESRCH;
    const sent = fromUser(task, signo, SI.USER);
    if (pid > 0) {
      // The id of any thread names its process.
      const process = task.kernel.processOf(pid);
      return process === undefined ? ESRCH : send(task, process, sent);
    }
    const target = parseTarget(task.process, pid);
    const answers = receivers(task, target).map((process) => send(task, process, sent));
    return verdict(target, answers);
  },
});

function parseTarget(self: Process, pid: number): Target {
  if (pid === 0) return { kind: "group", pgid: jobControlOf(self).pgid };
  if (pid === -1) return { kind: "everyone" };
  return { kind: "group", pgid: -pid as Pgid };
}

function receivers({ kernel, process: self }: Task, target: Target): readonly Process[] {
  switch (target.kind) {
    case "group":
      return groupMembers(kernel, target.pgid);
    case "everyone":
      return [...kernel.processes.values()].filter((process) => process.pid > 1 && process !== self);
  }
}

/** Sends to all members of a group: ESRCH if there is none, else a single success counts. */
export function sendToGroup(sender: Task, members: readonly Process[], sent: Sent): Result<number> {
  const answers = members.map((process) => send(sender, process, sent));
  if (answers.length === 0) return ESRCH;
  return answers.includes(0) ? 0 : answers.at(-1)!;
}

/** One answer for many receivers: a group needs a single success, everyone forgives EPERM. */
function verdict(target: Target, answers: readonly Result<number>[]): Result<number> {
  if (answers.length === 0) return ESRCH;
  if (target.kind === "everyone") return answers.findLast((answer) => answer !== EPERM) ?? 0;
  return answers.includes(0) ? 0 : answers.at(-1)!;
}

export const tkill = syscall({
  name: "tkill",
  args: [arg.i32, signoArg],
  support: "full",
  run: (task, tid, signo) => (tid <= 0 ? EINVAL : sendToThread(task, undefined, tid, fromUser(task, signo, SI.TKILL))),
});

export const tgkill = syscall({
  name: "tgkill",
  args: [arg.i32, arg.i32, signoArg],
  support: "full",
  run: (task, tgid, tid, signo) =>
    tid <= 0 || tgid <= 0 ? EINVAL : sendToThread(task, tgid, tid, fromUser(task, signo, SI.TKILL)),
});

function fromUser({ process }: Task, signo: number, code: number): Sent {
  return { kind: "kill", signo: signo as Signo, code, pid: process.pid, uid: credentialsOf(process).uid };
}

/** Sends to a process or a task. Signal 0 only asks whether it could be sent. */
export function send(sender: Task, target: Process | Task, sent: Sent): Result<number> {
  const allowed = maySignal(sender.process, "process" in target ? target.process : target, sent.signo);
  if (allowed !== 0 || (sent.signo as number) === 0) return allowed;
  return postSignal(target, sent);
}

/** Sends to one thread, which must be of the process `tgid` if that is given. */
export function sendToThread(sender: Task, tgid: number | undefined, tid: number, sent: Sent): Result<number> {
  const { kernel } = sender;
  const target = kernel.tasks.get(tid as Tid);
  const process = target?.process ?? kernel.processes.get(tid as number as Pid);
  if (process === undefined || (tgid !== undefined && process.pid !== tgid)) return ESRCH;
  // A first thread that has ended keeps its id as long as its process; nobody takes what is sent to it.
  return target === undefined ? maySignal(sender.process, process, sent.signo) : send(sender, target, sent);
}
