/** Signal-driven I/O (fcntl(2)): files that send a signal when they become ready. */
import { EINVAL, Errno, type Result } from "../../abi/errno.ts";
import { F } from "../../abi/fcntl.ts";
import { NSIG } from "../../abi/signal.ts";
import { defineLibrary } from "../../kernel/library.ts";
import type { Task } from "../../kernel/task.ts";
import { type FcntlCommand, fcntlCommand, type OpenFile, posixFdtab, readinessSignals } from "../posix-fdtab/index.ts";
import { posixProcess } from "../posix-process/index.ts";
import { posixSignal } from "../posix-signal/index.ts";
import { noticeOf } from "./notice.ts";
import { type Owner, ownerNumber, parseOwner, readOwner, writeOwner } from "./owner.ts";

function setOwner({ kernel, process }: Task, file: OpenFile, owner: Result<Owner | undefined>): Result<0> {
  if (owner instanceof Errno) return owner;
  const notice = noticeOf(kernel, file);
  notice.owner = owner;
  notice.sender = process;
  return 0;
}

function setSignal({ kernel }: Task, file: OpenFile, signo: number): Result<0> {
  if (signo < 0 || signo > NSIG) return EINVAL;
  noticeOf(kernel, file).signal = signo;
  return 0;
}

const commands: readonly FcntlCommand[] = [
  { command: F.GETOWN, run: ({ kernel }, file) => ownerNumber(noticeOf(kernel, file).owner) },
  { command: F.SETOWN, run: (task, file, who) => setOwner(task, file, parseOwner(task.kernel, who)) },
  { command: F.GETOWN_EX, run: (task, file, at) => writeOwner(task, at, noticeOf(task.kernel, file).owner) },
  { command: F.SETOWN_EX, run: (task, file, at) => setOwner(task, file, readOwner(task, at)) },
  { command: F.GETSIG, run: ({ kernel }, file) => noticeOf(kernel, file).signal },
  { command: F.SETSIG, run: setSignal },
];

export const posixSigio = defineLibrary({
  name: "posix-sigio",
  summary: "signal-driven I/O: O_ASYNC, owners of files, and the signals that they get",
  needs: [posixFdtab, posixProcess, posixSignal],
  extends: [
    ...commands.map((command) => fcntlCommand.with(command)),
    readinessSignals.with((task, file, fd) => noticeOf(task.kernel, file).tell(fd)),
  ],
});
