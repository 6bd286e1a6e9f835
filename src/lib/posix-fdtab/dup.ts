/** dup(2) and dup3(2): further descriptors of one open file. Order of checks: fs/file.c, ksys_dup3(). */
import { EBADF, EINVAL, Errno } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import { fdArg } from "./arguments.ts";
import { anyFileOf, closeDescriptor, descriptorLimit, fdTable, installFd } from "./fd-table.ts";

export const dup = syscall({
  name: "dup",
  args: [fdArg],
  support: "full",
  run(task, fd) {
    const file = anyFileOf(task, fd);
    return file instanceof Errno ? file : installFd(task.process, file);
  },
});

export const dup3 = syscall({
  name: "dup3",
  args: [fdArg, fdArg, arg.flags({ CLOEXEC: O.CLOEXEC }, "O_")],
  support: "full",
  run(task, from, to, flags) {
    const { process } = task;
    if (flags & ~O.CLOEXEC) return EINVAL;
    if (from === to) return EINVAL;
    if (to < 0 || to >= descriptorLimit(process)) return EBADF;
    const file = anyFileOf(task, from);
    if (file instanceof Errno) return file;
    const before = process.get(fdTable).replace(to, file, (flags & O.CLOEXEC) !== 0);
    if (before !== undefined) closeDescriptor(before, process);
    return to;
  },
});
