import type { Capability } from "../../abi/capability.ts";
import type { Gid, Uid } from "../../abi/types.ts";
import { ExtensionPoint } from "../../kernel/library.ts";
import type { Process } from "../../kernel/process.ts";
import { perProcess } from "../../kernel/slot-kinds.ts";
import { type Capabilities, includesCapability, NO_CAPABILITIES, ROOT_CAPABILITIES } from "./capabilities.ts";

/** Who a process acts for (credentials(7)). Immutable: a call that changes something replaces the whole. */
export interface Credentials {
  readonly uid: Uid;
  readonly euid: Uid;
  readonly suid: Uid;
  /** What file accesses are judged by; follows euid. */
  readonly fsuid: Uid;
  readonly gid: Gid;
  readonly egid: Gid;
  readonly sgid: Gid;
  readonly fsgid: Gid;
  readonly groups: readonly Gid[];
  readonly effective: Capabilities;
  readonly permitted: Capabilities;
  readonly inheritable: Capabilities;
  readonly bounding: Capabilities;
  readonly ambient: Capabilities;
  /** PR_SET_KEEPCAPS: permitted capabilities outlive a change to a user other than root. */
  readonly keepCapabilities: boolean;
  /** PR_SET_NO_NEW_PRIVS. */
  readonly noNewPrivileges: boolean;
}

const ROOT: Credentials = Object.freeze({
  uid: 0 as Uid,
  euid: 0 as Uid,
  suid: 0 as Uid,
  fsuid: 0 as Uid,
  gid: 0 as Gid,
  egid: 0 as Gid,
  sgid: 0 as Gid,
  fsgid: 0 as Gid,
  groups: [],
  effective: ROOT_CAPABILITIES,
  permitted: ROOT_CAPABILITIES,
  inheritable: NO_CAPABILITIES,
  bounding: ROOT_CAPABILITIES,
  ambient: NO_CAPABILITIES,
  keepCapabilities: false,
  noNewPrivileges: false,
});

/**
 * Linux keeps credentials by thread, and C libraries make those of all threads equal. Here they are the process's from the
 * start, so that a thread cannot have its own by a system call without the library.
 */
const slot = perProcess<{ current: Credentials }>({
  create: () => ({ current: ROOT }),
  fork: ({ current }) => ({ current }),
  exec: ({ current }) => ({ current: afterExec(current) }),
});

/** The credentials that a process has now. A process that was not told otherwise is root's, as in a container. */
export function credentialsOf(process: Process): Credentials {
  return process.get(slot).current;
}

/** Told when a process has come to act for another user or group. */
export const onUserChange = new ExtensionPoint<(process: Process) => void>("onUserChange");

const DECISIVE = ["euid", "egid", "fsuid", "fsgid"] as const;

export function changeCredentials(process: Process, change: Partial<Credentials>): void {
  const state = process.get(slot);
  const old = state.current;
  state.current = Object.freeze({ ...old, ...change });
  if (!DECISIVE.some((id) => old[id] !== state.current[id])) return;
  for (const told of process.kernel.extensions(onUserChange)) told(process);
}

export function hasCapability(process: Process, capability: Capability): boolean {
  return includesCapability(credentialsOf(process).effective, capability);
}

/** Whether a group is the process's own or among its supplementary ones (in_group_p). */
export function isInGroup(process: Process, gid: Gid): boolean {
  const { fsgid, groups } = credentialsOf(process);
  return gid === fsgid || groups.includes(gid);
}

/**
 * What execve(2) makes of credentials when the file has neither set-id bits nor capabilities: cap_bprm_creds_from_file() of
 * Linux security/commoncap.c.
 */
function afterExec(old: Credentials): Credentials {
  const root = old.uid === 0 || old.euid === 0;
  const permitted = root ? old.inheritable | old.bounding : old.ambient;
  return Object.freeze({
    ...old,
    suid: old.euid,
    fsuid: old.euid,
    sgid: old.egid,
    fsgid: old.egid,
    permitted,
    effective: old.euid === 0 ? permitted : old.ambient,
    keepCapabilities: false,
  });
}
