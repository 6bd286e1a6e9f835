import { Errno } from "../../abi/errno.ts";
import { cloneFlag } from "../../kernel/clone-flag.ts";
import { onProcessDead, onTaskExit } from "../../kernel/hooks.ts";
import { defineLibrary } from "../../kernel/library.ts";
import { pidfdProcess, posixClone } from "../posix-clone/index.ts";
import { posixFdtab } from "../posix-fdtab/index.ts";
import { posixProcess } from "../posix-process/index.ts";
import { posixSignal } from "../posix-signal/index.ts";
import { posixUser } from "../posix-user/index.ts";
import { clonePidfd, pidfdGetfd, pidfdOpen } from "./pidfd-calls.ts";
import { ends, pidfdOf, processOf } from "./pidfd-file.ts";
import { pidfdSendSignal } from "./pidfd-send-signal.ts";

export const posixPidfd = defineLibrary({
  name: "posix-pidfd",
  summary: "descriptors of processes: to wait for, signal and borrow files from",
  needs: [posixClone, posixFdtab, posixProcess, posixSignal, posixUser],
  syscalls: [pidfdOpen, pidfdSendSignal, pidfdGetfd],
  extends: [
    cloneFlag.with(clonePidfd),
    pidfdProcess.with((task, fd) => {
      const file = pidfdOf(task, fd);
      return file instanceof Errno ? file : { process: processOf(file.target), nonBlocking: file.nonBlocking };
    }),
    onTaskExit.with(({ process }) => {
      process.get(ends).wake();
    }),
    onProcessDead.with((process) => {
      process.get(ends).wake();
      return false;
    }),
  ],
});
