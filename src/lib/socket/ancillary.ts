/** Ancillary messages of the level SOL_SOCKET (cmsg(3); net/core/scm.c). */
import { CAP } from "../../abi/capability.ts";
import { EFAULT, EINVAL, EPERM, Errno, ESRCH, type Result } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import { CMSG_ALIGN, cmsghdr, ucred } from "../../abi/riscv64/socket.ts";
import { MSG, SCM, SCM_MAX_FD, SOL_SOCKET } from "../../abi/socket.ts";
import type { Gid, GuestPtr, Uid } from "../../abi/types.ts";
import type { Task } from "../../kernel/task.ts";
import { anyFileOf, installFd, type OpenFile } from "../posix-fdtab/index.ts";
import { credentialsOf, hasCapability } from "../posix-user/index.ts";
import { type Ancillary, type ControlMessage, type Identity, NOTHING, releaseFiles } from "./socket.ts";

const aligned = (length: number): number => Math.ceil(length / CMSG_ALIGN) * CMSG_ALIGN;

/** What a message says of a process that cannot be named: no pid, and the overflow ids. */
export const NOBODY: Identity = Object.freeze({ pid: 0, uid: 65534 as Uid, gid: 65534 as Gid });

/** The identity that the kernel itself vouches for. */
export function identityOf({ process }: Task): Identity {
  const { uid, gid } = credentialsOf(process);
  return { pid: process.pid, uid, gid };
}

/** Reads what goes along with a message (__scm_send). The files are held. */
export function readAncillary(task: Task, at: GuestPtr, length: number): Result<Ancillary> {
  if (length < cmsghdr.size) return NOTHING;
  const control = task.mm.read(at, length);
  if (control instanceof Errno) return control;
  const view = new DataView(control.buffer);
  const files: OpenFile[] = [];
  const others: ControlMessage[] = [];
  let identity: Identity | undefined;
  let next = 0;
  for (let start = 0; start + cmsghdr.size <= length; start += next) {
    const header = cmsghdr.read(view, start);
    if (header.length < cmsghdr.size || header.length > length - start) return EINVAL;
    next = aligned(header.length);
    const data = new DataView(control.buffer, start + cmsghdr.size, header.length - cmsghdr.size);
    if (header.level !== SOL_SOCKET) {
      others.push({ ...header, data: new Uint8Array(control.buffer, data.byteOffset, data.byteLength) });
      continue;
    }
    if (header.type === SCM.RIGHTS) {
      const refused = addFiles(task, data, files);
      if (refused !== undefined) return refused;
    } else if (header.type === SCM.CREDENTIALS && data.byteLength === ucred.size) {
      const claimed = ucred.read(data, 0) as Identity;
      const refused = checkIdentity(task, claimed);
      if (refused !== undefined) return refused;
      identity = claimed;
    } else return EINVAL;
  }
  for (const file of files) file.hold();
  return { files, identity, control: others };
}

/** scm_fp_copy */
function addFiles(task: Task, data: DataView, files: OpenFile[]): Errno | undefined {
  const count = Math.floor(data.byteLength / 4);
  if (files.length + count > SCM_MAX_FD) return EINVAL;
  for (let i = 0; i < count; i++) {
    const file = anyFileOf(task, data.getInt32(4 * i, true));
    if (file instanceof Errno) return file;
    files.push(file);
  }
  return undefined;
}

/** A process may say what is true of it; more needs a capability (scm_check_creds). */
function checkIdentity({ process, kernel }: Task, { pid, uid, gid }: Identity): Errno | undefined {
  const own = credentialsOf(process);
  if (pid !== process.pid && !hasCapability(process, CAP.SYS_ADMIN)) return EPERM;
  if (![own.uid, own.euid, own.suid].includes(uid) && !hasCapability(process, CAP.SETUID)) return EPERM;
  if (![own.gid, own.egid, own.sgid].includes(gid) && !hasCapability(process, CAP.SETGID)) return EPERM;
  return kernel.processOf(pid) === undefined ? ESRCH : undefined;
}

/** Where the ancillary messages of a receive go, and what became of them. */
export class ControlWriter {
  /** Bytes that were written. */
  written = 0;
  /** MSG_CTRUNC if something did not fit. */
  flags = 0;
  private readonly task: Task;
  private readonly at: number;
  private readonly room: number;

  constructor(task: Task, at: number, room: number) {
    this.task = task;
    this.at = at;
    this.room = at === 0 ? 0 : room;
  }

  /** Writes what a message brought; gives its files numbers, or lets go of them (scm_recv_unix). */
  write({ files, identity, control = [] }: Ancillary, passIdentity: boolean, closeOnExec: boolean): void {
    for (const { level, type, data } of control) this.put(level, type, data);
    if (passIdentity) this.putIdentity(identity ?? NOBODY);
    if (files.length > 0) this.putFiles(files, closeOnExec ? O.CLOEXEC : 0);
    releaseFiles({ files, identity });
  }

  private putIdentity(identity: Identity): void {
    const data = new Uint8Array(ucred.size);
    ucred.write(new DataView(data.buffer), 0, identity);
    this.put(SOL_SOCKET, SCM.CREDENTIALS, data);
  }

  private putFiles(files: readonly OpenFile[], flags: number): void {
    const most = Math.max(0, Math.floor((this.room - this.written - cmsghdr.size) / 4));
    const numbers: number[] = [];
    for (const file of files.slice(0, most)) {
      const fd = installFd(this.task.process, file, flags);
      if (fd instanceof Errno) break;
      numbers.push(fd);
    }
    if (numbers.length > 0) this.put(SOL_SOCKET, SCM.RIGHTS, new Uint8Array(new Int32Array(numbers).buffer));
    if (numbers.length < files.length) this.flags |= MSG.CTRUNC;
  }

  /** put_cmsg */
  private put(level: number, type: number, data: Uint8Array): void {
    const room = this.room - this.written;
    if (room < cmsghdr.size) {
      this.flags |= MSG.CTRUNC;
      return;
    }
    const length = Math.min(cmsghdr.size + data.length, room);
    if (length < cmsghdr.size + data.length) this.flags |= MSG.CTRUNC;
    const { mm } = this.task;
    const start = this.at + this.written;
    const header = mm.writeStruct(start as GuestPtr<never>, cmsghdr, { length, level, type });
    const body = mm.write((start + cmsghdr.size) as GuestPtr, data.subarray(0, length - cmsghdr.size));
    if (header !== EFAULT && body !== EFAULT) this.written += Math.min(aligned(cmsghdr.size + data.length), room);
  }
}
