import { onProcessDead, onTaskExit } from "../../kernel/hooks.ts";
import { defineLibrary } from "../../kernel/library.ts";
import { posixProcess } from "../posix-process/index.ts";
import { onStateChange, posixSignal } from "../posix-signal/index.ts";
import { posixUser } from "../posix-user/index.ts";
import { clone, clone3 } from "./clone.ts";
import { endVfork, handOver, leaveFamily, reportState } from "./family.ts";
import { unshare } from "./unshare.ts";
import { wait4, waitid } from "./wait.ts";

export { type Family, familyOf } from "./family.ts";
export { pidfdProcess } from "./wait.ts";

/** More processes and threads than the first one. */
export const posixClone = defineLibrary({
  name: "posix-clone",
  summary: "making processes and threads, and waiting for them: fork, vfork, clone, wait",
  needs: [posixProcess, posixSignal, posixUser],
  syscalls: [clone, clone3, unshare, wait4, waitid],
  extends: [
    onTaskExit.with(endVfork),
    onTaskExit.with(handOver),
    onProcessDead.with(leaveFamily),
    onStateChange.with(reportState),
  ],
});
