import { CAP } from "../../abi/capability.ts";
import type { Process } from "../../kernel/process.ts";
import { credentialsOf, hasCapability } from "../posix-user/index.ts";
import { isDumpable } from "./prctl-process.ts";

/** Whose ids count: those of the caller's file accesses, or those that it really has. */
export type AccessMode = "file" | "real";

/** Whether a process may look into another: what ptrace(2) calls access mode checks (__ptrace_may_access). */
export function mayAccess(caller: Process, target: Process, mode: AccessMode): boolean {
  if (caller === target || hasCapability(caller, CAP.SYS_PTRACE)) return true;
  const own = credentialsOf(caller);
  const other = credentialsOf(target);
  const [uid, gid] = mode === "file" ? [own.fsuid, own.fsgid] : [own.uid, own.gid];
  const sameUser = [other.uid, other.euid, other.suid].every((id) => id === uid);
  const sameGroup = [other.gid, other.egid, other.sgid].every((id) => id === gid);
  return sameUser && sameGroup && isDumpable(target) && (other.permitted & ~own.permitted) === 0n;
}
