import { idInUse, onProcessStart, resourceLimit } from "../../kernel/hooks.ts";
import { defineLibrary } from "../../kernel/library.ts";
import { onUserChange, posixUser } from "../posix-user/index.ts";
import { execve, execveat } from "./exec.ts";
import { exit, exitGroup, setTidAddress } from "./exit.ts";
import { getpgid, getpid, getppid, getsid, gettid, setpgid, setsid } from "./ids.ts";
import { isGroupOrSession, startSession } from "./job-control.ts";
import { getrlimit, prlimit64, setrlimit, softLimit } from "./limits.ts";
import { personality } from "./personality.ts";
import { prctl } from "./prctl.ts";
import { forgetTrust } from "./prctl-process.ts";
import { getrusage, times } from "./usage.ts";

export { mayAccess } from "./access.ts";
export { clearChildTid } from "./exit.ts";
export { onNewSession, processNamed } from "./ids.ts";
export {
  childrenOf,
  groupMembers,
  isOrphanedGroup,
  type JobControl,
  jobControlOf,
  parentPid,
  terminalOf,
} from "./job-control.ts";
export { limitOf, onLimitChange, softLimit } from "./limits.ts";
export { type PrctlOption, prctlOption } from "./prctl-option.ts";
export { isDumpable, isSubreaper, parentDeathSignal } from "./prctl-process.ts";
export { type ChildUsage, childUsage, formatRusage, makeRusage } from "./usage.ts";

/** What a process has by itself; posix-clone makes more of them. */
export const posixProcess = defineLibrary({
  name: "posix-process",
  summary: "process and group ids, exec, exit, resource limits and usage, prctl(2)",
  needs: [posixUser],
  syscalls: [
    getpid,
    getppid,
    gettid,
    getpgid,
    setpgid,
    getsid,
    setsid,
    exit,
    exitGroup,
    setTidAddress,
    execve,
    execveat,
    prctl,
    prlimit64,
    getrlimit,
    setrlimit,
    getrusage,
    times,
    personality,
  ],
  extends: [
    resourceLimit.with(softLimit),
    onProcessStart.with(startSession),
    idInUse.with(isGroupOrSession),
    onUserChange.with(forgetTrust),
  ],
});
