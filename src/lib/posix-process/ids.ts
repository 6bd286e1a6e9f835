/** getpid(2) and its relatives, process groups and sessions (Linux kernel/sys.c). */
import { EACCES, EINVAL, EPERM, Errno, ESRCH, type Result } from "../../abi/errno.ts";
import type { Pgid, Sid } from "../../abi/types.ts";
import { ExtensionPoint } from "../../kernel/library.ts";
import type { Process } from "../../kernel/process.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { groupMembers, jobControlOf, parentPid } from "./job-control.ts";

export const getpid = syscall({ name: "getpid", args: [], support: "full", run: (task) => task.process.pid });

export const getppid = syscall({ name: "getppid", args: [], support: "full", run: (task) => parentPid(task.process) });

export const gettid = syscall({ name: "gettid", args: [], support: "full", run: (task) => task.tid });

export const getpgid = syscall({
  name: "getpgid",
  args: [arg.i32],
  support: "full",
  run(task, pid) {
    const process = processNamed(task, pid);
    return process instanceof Errno ? process : jobControlOf(process).pgid;
  },
});

export const getsid = syscall({
  name: "getsid",
  args: [arg.i32],
  support: "full",
  run(task, pid) {
    const process = processNamed(task, pid);
    return process instanceof Errno ? process : jobControlOf(process).sid;
  },
});

/** The process of a thread id, 0 being the caller's. */
export function processNamed(task: Task, pid: number): Result<Process> {
  return pid === 0 ? task.process : (task.kernel.processOf(pid) ?? ESRCH);
}

export const setpgid = syscall({
  name: "setpgid",
  args: [arg.i32, arg.i32],
  support: "full",
  run(task, pidOrSelf, pgidOrPid) {
    const { process: caller, kernel } = task;
    const pid = pidOrSelf === 0 ? caller.pid : pidOrSelf;
    const pgid = pgidOrPid === 0 ? pid : pgidOrPid;
    if (pgid < 0) return EINVAL;
    const target = kernel.processOf(pid);
    if (target === undefined) return ESRCH;
    if (pid !== target.pid) return EINVAL;
    const own = jobControlOf(caller);
    const moved = jobControlOf(target);
    if (moved.parent === caller) {
      if (moved.sid !== own.sid) return EPERM;
      if (moved.executed) return EACCES;
    } else if (target !== caller) {
      return ESRCH;
    }
    if (moved.leader) return EPERM;
    if (pgid !== pid && !groupMembers(kernel, pgid as Pgid).some((member) => jobControlOf(member).sid === own.sid))
      return EPERM;
    moved.pgid = pgid as Pgid;
    return 0;
  },
});

/** Told when a process has made a session of its own: it has no terminal then. */
export const onNewSession = new ExtensionPoint<(process: Process) => void>("onNewSession");

export const setsid = syscall({
  name: "setsid",
  args: [],
  support: "full",
  run({ process, kernel }) {
    const own = jobControlOf(process);
    const id = process.pid as number;
    if (own.leader || groupMembers(kernel, id as Pgid).length > 0) return EPERM;
    own.sid = id as Sid;
    own.pgid = id as Pgid;
    own.leader = true;
    for (const told of kernel.extensions(onNewSession)) told(process);
    return id;
  },
});
