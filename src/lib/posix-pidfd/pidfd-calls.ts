/** pidfd_open(2), pidfd_getfd(2) and CLONE_PIDFD (Linux kernel/pid.c and kernel/fork.c). */
import { CLONE } from "../../abi/clone.ts";
import { EBADF, EINVAL, ENOENT, EPERM, Errno, ESRCH, type Result } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import { PIDFD } from "../../abi/pidfd.ts";
import type { GuestPtr, Tid } from "../../abi/types.ts";
import { type CloneFlag, hasFlag } from "../../kernel/clone-flag.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { fdArg } from "../posix-fdtab/arguments.ts";
import { closeFd, fdTable, installFd } from "../posix-fdtab/index.ts";
import { mayAccess } from "../posix-process/index.ts";
import { PidfdFile, processOf, type Target, targetOf } from "./pidfd-file.ts";

export const pidfdOpen = syscall({
  name: "pidfd_open",
  args: [arg.i32, arg.flags(PIDFD, "PIDFD_")],
  support: "full",
  run(task, pid, flags) {
    if ((flags & ~(PIDFD.NONBLOCK | PIDFD.THREAD)) !== 0 || pid <= 0) return EINVAL;
    const target = find(task, pid, (flags & PIDFD.THREAD) !== 0);
    if (target instanceof Errno) return target;
    return installFd(task.process, new PidfdFile(target, flags), O.CLOEXEC);
  },
});

function find({ kernel }: Task, id: number, thread: boolean): Result<Target> {
  const process = kernel.processOf(id);
  if (process === undefined) return ESRCH;
  if (!thread) return (process.pid as number) === id ? process : ENOENT;
  // The first thread stands for its process once it has ended.
  return kernel.tasks.get(id as Tid) ?? process;
}

export const pidfdGetfd = syscall({
  name: "pidfd_getfd",
  args: [fdArg, fdArg, arg.u32],
  support: "full",
  run(task, pidfd, fd, flags) {
    if (flags !== 0) return EINVAL;
    const target = targetOf(task, pidfd);
    if (target instanceof Errno) return target;
    const process = processOf(target);
    if (process.ended) return ESRCH;
    if (!mayAccess(task.process, process, "real")) return EPERM;
    const entry = process.get(fdTable).get(fd);
    return entry === undefined ? EBADF : installFd(task.process, entry.file, O.CLOEXEC);
  },
});

/** The parent gets a descriptor of the child, which the child has not. */
export const clonePidfd: CloneFlag = {
  flag: CLONE.PIDFD,
  apply(child, parent, { flags, pidfd }) {
    const target = hasFlag(flags, CLONE.THREAD) ? child : child.process;
    const fd = installFd(parent.process, new PidfdFile(target, 0), O.CLOEXEC);
    if (fd instanceof Errno) return fd;
    const written = parent.mm.writeU32(pidfd as GuestPtr, fd);
    if (written !== 0) closeFd(parent.process, fd);
    return written;
  },
};
