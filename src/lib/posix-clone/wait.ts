/** wait4(2) and waitid(2) (do_wait of Linux kernel/exit.c). */
import { EAGAIN, EBADF, ECHILD, EINVAL, ERESTARTSYS, Errno, ESRCH, type Result } from "../../abi/errno.ts";
import { type Rusage, rusage } from "../../abi/riscv64/resource.ts";
import { type SigInfo, siginfoOffsets } from "../../abi/riscv64/siginfo.ts";
import { SIG } from "../../abi/signal.ts";
import type { GuestPtr, Pgid, Pid } from "../../abi/types.ts";
import { P, W } from "../../abi/wait.ts";
import { array, i32 } from "../../base/struct.ts";
import { ExtensionPoint } from "../../kernel/library.ts";
import type { ExitStatus, Process } from "../../kernel/process.ts";
import { structOut } from "../../kernel/struct-arg.ts";
import { type Arg, arg, formatFlags, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { UserMemory } from "../../kernel/user-memory.ts";
import type { CallAnswer, WakeReason } from "../../kernel/wait.ts";
import { childUsage, formatRusage, jobControlOf, makeRusage } from "../posix-process/index.ts";
import { type ChildChange, childInfo } from "./child-change.ts";
import { familyOf, reapChild } from "./family.ts";

const { NOHANG, UNTRACED, CONTINUED, EXITED, STOPPED, NOWAIT, NOTHREAD, ALL, CLONE } = W;
const KINDS = (NOTHREAD | ALL | CLONE) >>> 0;
const WAIT4_OPTIONS = (NOHANG | UNTRACED | CONTINUED | KINDS) >>> 0;
const WAITID_OPTIONS = (NOHANG | NOWAIT | EXITED | STOPPED | CONTINUED | KINDS) >>> 0;

const wait4Options: Arg<number> = {
  decode: "i32",
  format: (v) => (v === 0 ? "0" : formatFlags(v, { NOHANG, UNTRACED, CONTINUED }, "W")),
};
const waitidOptions: Arg<number> = {
  decode: "i32",
  format: (v) => formatFlags(v, { NOHANG, STOPPED, EXITED, CONTINUED, NOWAIT }, "W"),
};

/** Which children are waited for. */
type Which =
  | { readonly kind: "all" }
  | { readonly kind: "process"; readonly pid: Pid; readonly nonBlocking?: boolean }
  | { readonly kind: "group"; readonly pgid: Pgid };

/** Finds the process of a pidfd: EBADF if the descriptor is none. Provided by posix-pidfd. */
export const pidfdProcess = new ExtensionPoint<
  (task: Task, fd: number) => Result<{ readonly process: Process; readonly nonBlocking: boolean }>
>("pidfdProcess");

/** What a wait goes on from. */
interface WaitState {
  readonly which: Which;
  readonly options: number;
  readonly report: "wait4" | "waitid";
  readonly at: GuestPtr;
  readonly usageAt: GuestPtr<Rusage>;
}

export const wait4 = syscall({
  name: "wait4",
  args: [arg.i32, arg.ptr<"status">(), wait4Options, structOut(rusage, formatRusage)],
  support: "full",
  run(task, pid, at, options, usageAt) {
    if ((options & ~WAIT4_OPTIONS) !== 0) return EINVAL;
    if (pid === -0x8000_0000) return ESRCH;
    const which = parsePid(task, pid);
    return wait(task, { which, options: options | EXITED, report: "wait4", at: at as GuestPtr, usageAt });
  },
  restart: wait,
});

export const waitid = syscall({
  name: "waitid",
  args: [arg.name(P, "P_"), arg.i32, arg.ptr<SigInfo>(), waitidOptions, structOut(rusage, formatRusage)],
  support: "full",
  run(task, kind, id, at, options, usageAt) {
    const known = (options & ~WAITID_OPTIONS) === 0 && (options & (EXITED | STOPPED | CONTINUED)) !== 0;
    const which = known ? parseId(task, kind, id) : EINVAL;
    if (which instanceof Errno) return nothing(task, { report: "waitid", at: at as GuestPtr }, which);
    return wait(task, { which, options, report: "waitid", at: at as GuestPtr, usageAt });
  },
  restart: wait,
});

function parsePid({ process }: Task, pid: number): Which {
  if (pid > 0) return { kind: "process", pid: pid as Pid };
  if (pid === -1) return { kind: "all" };
  return { kind: "group", pgid: pid === 0 ? jobControlOf(process).pgid : (-pid as Pgid) };
}

function parseId(task: Task, kind: number, id: number): Result<Which> {
  switch (kind) {
    case P.ALL:
      return { kind: "all" };
    case P.PID:
      return id <= 0 ? EINVAL : { kind: "process", pid: id as Pid };
    case P.PGID:
      if (id < 0) return EINVAL;
      return { kind: "group", pgid: id === 0 ? jobControlOf(task.process).pgid : (id as Pgid) };
    case P.PIDFD: {
      if (id < 0) return EINVAL;
      const named = task.kernel.extensions(pidfdProcess)[0]?.(task, id) ?? EBADF;
      if (named instanceof Errno) return named;
      const { process, nonBlocking } = named;
      // Of one that was waited for already another process may have the id.
      if (task.kernel.processes.get(process.pid) !== process) return ECHILD;
      return { kind: "process", pid: process.pid, nonBlocking };
    }
    default:
      return EINVAL;
  }
}

/**
 * Reports a child that has changed; sleeps if none has yet. A signal that came before any change ends it, whatever has happened
 * since: on Linux too who is interrupted mostly runs before who sent the signal goes on.
 */
function wait(task: Task, state: WaitState, reason?: WakeReason): CallAnswer {
  if (reason === "signal") return ERESTARTSYS;
  const { children, changes } = familyOf(task.process);
  let expected = false;
  for (const child of children) {
    // Nothing but its end can be said of a child that has ended.
    if ((child.ended && (state.options & EXITED) === 0) || !isMeant(task, child, state)) continue;
    const change = changeOf(child, state);
    if (change !== undefined) {
      consume(task.process, child, change, state.options);
      return report(task, state, child, change);
    }
    expected = true;
  }
  if (!expected) return nothing(task, state, ECHILD);
  if ((state.options & NOHANG) !== 0) return nothing(task, state, 0);
  if (state.which.kind === "process" && state.which.nonBlocking) return nothing(task, state, EAGAIN);
  task.restart = state;
  return { on: [changes] };
}

/** eligible_child: the right id, of this thread if it wants no others, and of the right kind: "clone" children send something else than SIGCHLD at their end. */
function isMeant(task: Task, child: Process, { which, options }: WaitState): boolean {
  if ((options & NOTHREAD) !== 0 && jobControlOf(child).maker !== task) return false;
  if (which.kind === "process" && child.pid !== which.pid) return false;
  if (which.kind === "group" && jobControlOf(child).pgid !== which.pgid) return false;
  if ((options & ALL) !== 0) return true;
  return (familyOf(child).exitSignal !== (SIG.CHLD as number)) === ((options & CLONE) !== 0);
}

/** What is to be told of a child. */
function changeOf(child: Process, { options }: WaitState): ChildChange | undefined {
  const { exitStatus } = child;
  if (exitStatus !== undefined) return (options & EXITED) === 0 ? undefined : { kind: "ended", status: exitStatus };
  const { news } = familyOf(child);
  const wanted = news?.kind === "stopped" ? STOPPED : CONTINUED;
  return (options & wanted) === 0 ? undefined : news;
}

function consume(parent: Process, child: Process, change: ChildChange, options: number): void {
  if ((options & NOWAIT) !== 0) return;
  if (change.kind === "ended") reapChild(parent, child);
  else familyOf(child).news = undefined;
}

function report(task: Task, state: WaitState, child: Process, change: ChildChange): Result<number> {
  const { mm } = task;
  const { at, usageAt, report: form } = state;
  const written =
    at === 0 ? 0 : form === "wait4" ? mm.writeU32(at, statusWord(change)) : writeInfo(mm, at, childInfo(child, change));
  if (written !== 0) return written;
  const used = usageAt === 0 ? 0 : mm.writeStruct(usageAt, rusage, usageOf(child));
  if (used !== 0) return used;
  return form === "wait4" ? child.pid : 0;
}

/** What a child and those that it waited for have used. */
function usageOf(child: Process): Rusage {
  const { cpuNs, peakBytes } = child.get(childUsage);
  return makeRusage(child.cpuNs + cpuNs, Math.max(child.mm.usage.peak, peakBytes));
}

/** Answers that nobody has changed, or why nobody can: waitid clears what would tell of it either way. */
function nothing(
  task: Task,
  { report: form, at }: Pick<WaitState, "report" | "at">,
  answer: Result<0>,
): Result<number> {
  if (form === "wait4" || at === 0) return answer;
  const cleared = writeInfo(task.mm, at, { signo: 0, code: 0, pid: 0, uid: 0, status: 0 });
  return cleared instanceof Errno ? cleared : answer;
}

/** The members of siginfo_t that waitid tells; the others are left as they are. */
function writeInfo(mm: UserMemory, at: GuestPtr, { signo, code, pid, uid, status }: WaitInfo): Result<0> {
  const head = mm.writeStruct(at as GuestPtr<readonly number[]>, array(i32, 3), [signo, 0, code]);
  if (head !== 0) return head;
  return mm.writeStruct((at + siginfoOffsets.child.pid) as GuestPtr<readonly number[]>, array(i32, 3), [
    pid,
    uid,
    status,
  ]);
}

type WaitInfo = Readonly<Record<"signo" | "code" | "pid" | "uid" | "status", number>>;

/** The status that wait(2) reports, to be taken apart by WIFEXITED and the like. */
function statusWord(change: ChildChange): number {
  switch (change.kind) {
    case "ended":
      return exitWord(change.status);
    case "stopped":
      return (change.signal << 8) | 0x7f;
    case "continued":
      return 0xffff;
  }
}

function exitWord(status: ExitStatus): number {
  return status.kind === "exited" ? status.code << 8 : status.signal | (status.core ? 0x80 : 0);
}
