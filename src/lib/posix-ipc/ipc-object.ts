/** What segments, semaphore sets and message queues have in common: whose they are, and who may use them. (Linux ipc/util.c) */
import { CAP } from "../../abi/capability.ts";
import { EACCES, EINVAL, EPERM, type Errno } from "../../abi/errno.ts";
import type { IpcPerm } from "../../abi/riscv64/ipc.ts";
import { S } from "../../abi/stat.ts";
import type { Gid } from "../../abi/types.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Process } from "../../kernel/process.ts";
import { credentialsOf, hasCapability, isInGroup } from "../posix-user/index.ts";

/** What is asked for of an object: bits in each class of users, as a mode has them. */
export const MAY = { READ: 0o444, WRITE: 0o222, EXEC: 0o111 } as const;

/** An object that processes know by a key and an identifier. (struct kern_ipc_perm) */
export abstract class IpcObject {
  protected readonly kernel: Kernel;
  /** Both are set when it gets its place among its kind. */
  id = -1;
  sequence = 0;
  /** IPC_PRIVATE if no key leads to it, or none any more. */
  key: number;
  mode: number;
  uid: number;
  gid: number;
  readonly cuid: number;
  readonly cgid: number;
  /** When it was made, or IPC_SET changed it. */
  changedAt: number;
  /** True once IPC_RMID took it away: who slept on it is told so. */
  removed = false;

  constructor(maker: Process, key: number, flags: number) {
    const { euid, egid } = credentialsOf(maker);
    this.kernel = maker.kernel;
    this.key = key;
    this.mode = flags & S.RWX;
    this.uid = this.cuid = euid;
    this.gid = this.cgid = egid;
    this.changedAt = secondsNow(maker.kernel);
  }

  /** Lets everything go that depends on it, after IPC_RMID took it away. */
  abstract release(): void;
}

/** Seconds of the wall clock, as times of objects count. */
export function secondsNow({ host }: Kernel): number {
  return host.clock.realtime().seconds;
}

/** Checks permissions, where any class of `wanted` counts; EACCES if neither they nor a capability allow it. (ipcperms) */
export function checkUse(process: Process, of: IpcObject, wanted: number): Errno | undefined {
  const { euid } = credentialsOf(process);
  const inGroup = (gid: number): boolean => isInGroup(process, gid as Gid);
  const shift = euid === of.cuid || euid === of.uid ? 6 : inGroup(of.cgid) || inGroup(of.gid) ? 3 : 0;
  const lacking = ((wanted >> 6) | (wanted >> 3) | wanted) & ~(of.mode >> shift) & 7;
  return lacking === 0 || hasCapability(process, CAP.IPC_OWNER) ? undefined : EACCES;
}

/** Checks that a process may change or remove an object; EPERM if it is neither its owner nor its maker. (ipcctl_obtain_check) */
export function checkControl(process: Process, { uid, cuid }: IpcObject): Errno | undefined {
  const { euid } = credentialsOf(process);
  return euid === cuid || euid === uid || hasCapability(process, CAP.SYS_ADMIN) ? undefined : EPERM;
}

const NO_ID = 0xffff_ffff;

/** IPC_SET: gives an object to others; EINVAL for the id that nobody has. (ipc_update_perm) */
export function changeOwner(object: IpcObject, { uid, gid, mode }: IpcPerm): Errno | undefined {
  if (uid === NO_ID || gid === NO_ID) return EINVAL;
  object.uid = uid;
  object.gid = gid;
  object.mode = (object.mode & ~S.RWX) | (mode & S.RWX);
  return undefined;
}

/** What IPC_STAT shows of any object. */
export function describePerm({ key, uid, gid, cuid, cgid, mode, sequence }: IpcObject): IpcPerm {
  return { key, uid, gid, cuid, cgid, mode, sequence, pad: 0, unused: [0, 0] };
}

/** What comes behind the members that mean something. */
export const UNUSED: readonly number[] = [0, 0];
