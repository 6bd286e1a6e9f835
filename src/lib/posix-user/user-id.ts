/**
 * setuid(2) and its family, user half. Who may become whom follows Linux kernel/sys.c; what that does to capabilities
 * follows cap_emulate_setxuid() of security/commoncap.c.
 */
import { CAP } from "../../abi/capability.ts";
import { EINVAL, EPERM, type Result } from "../../abi/errno.ts";
import type { Uid } from "../../abi/types.ts";
import { u32 } from "../../base/struct.ts";
import type { Process } from "../../kernel/process.ts";
import { structOut } from "../../kernel/struct-arg.ts";
import { syscall } from "../../kernel/syscall.ts";
import { capabilitySet, NO_CAPABILITIES } from "./capabilities.ts";
import { type Credentials, changeCredentials, credentialsOf, hasCapability } from "./credentials.ts";
import { formatId, idArg, KEEP, writeIds } from "./id-arg.ts";

type UserIds = Pick<Credentials, "uid" | "euid" | "suid" | "fsuid">;

export const getuid = syscall({
  name: "getuid",
  args: [],
  support: "full",
  run: (task) => credentialsOf(task.process).uid,
});

export const geteuid = syscall({
  name: "geteuid",
  args: [],
  support: "full",
  run: (task) => credentialsOf(task.process).euid,
});

export const getresuid = syscall({
  name: "getresuid",
  args: [structOut(u32, formatId), structOut(u32, formatId), structOut(u32, formatId)],
  support: "full",
  run(task, ruid, euid, suid) {
    const own = credentialsOf(task.process);
    return writeIds(task.mm, [
      [ruid, own.uid],
      [euid, own.euid],
      [suid, own.suid],
    ]);
  },
});

export const setuid = syscall({
  name: "setuid",
  args: [idArg<Uid>()],
  support: "full",
  run(task, uid) {
    if (uid === KEEP) return EINVAL;
    const own = credentialsOf(task.process);
    if (hasCapability(task.process, CAP.SETUID)) {
      return become(task.process, { uid, suid: uid, euid: uid, fsuid: uid });
    }
    if (uid !== own.uid && uid !== own.suid) return EPERM;
    return become(task.process, { ...own, euid: uid, fsuid: uid });
  },
});

export const setreuid = syscall({
  name: "setreuid",
  args: [idArg<Uid>(), idArg<Uid>()],
  support: "full",
  run(task, ruid, euid) {
    const own = credentialsOf(task.process);
    if (!hasCapability(task.process, CAP.SETUID)) {
      if (ruid !== KEEP && ruid !== own.uid && ruid !== own.euid) return EPERM;
      if (euid !== KEEP && ![own.uid, own.euid, own.suid].includes(euid)) return EPERM;
    }
    const next = { uid: ruid === KEEP ? own.uid : ruid, euid: euid === KEEP ? own.euid : euid };
    // The saved id follows whenever the real one is set, or the effective one to something else than the real one was.
    const saves = ruid !== KEEP || (euid !== KEEP && euid !== own.uid);
    return become(task.process, { ...next, suid: saves ? next.euid : own.suid, fsuid: next.euid });
  },
});

export const setresuid = syscall({
  name: "setresuid",
  args: [idArg<Uid>(), idArg<Uid>(), idArg<Uid>()],
  support: "full",
  run(task, ruid, euid, suid) {
    const own = credentialsOf(task.process);
    const known = [own.uid, own.euid, own.suid];
    const foreign = [ruid, euid, suid].some((id) => id !== KEEP && !known.includes(id));
    if (foreign && !hasCapability(task.process, CAP.SETUID)) return EPERM;
    const next = euid === KEEP ? own.euid : euid;
    return become(task.process, {
      uid: ruid === KEEP ? own.uid : ruid,
      euid: next,
      suid: suid === KEEP ? own.suid : suid,
      fsuid: next,
    });
  },
});

/** setfsuid(2): always answers the old id, also when it changed nothing. */
export const setfsuid = syscall({
  name: "setfsuid",
  args: [idArg<Uid>()],
  support: "full",
  run({ process }, uid) {
    const own = credentialsOf(process);
    const allowed = [own.uid, own.euid, own.suid, own.fsuid].includes(uid) || hasCapability(process, CAP.SETUID);
    if (uid !== KEEP && uid !== own.fsuid && allowed) {
      const { effective, permitted } = own;
      const lost = own.fsuid === 0 ? effective & ~FILE_CAPABILITIES : effective;
      changeCredentials(process, {
        fsuid: uid,
        effective: uid === 0 ? effective | (permitted & FILE_CAPABILITIES) : lost,
      });
    }
    return own.fsuid;
  },
});

/** CAP_FS_MASK: what the file system user id carries. */
const FILE_CAPABILITIES = capabilitySet([
  CAP.CHOWN,
  CAP.MKNOD,
  CAP.DAC_OVERRIDE,
  CAP.DAC_READ_SEARCH,
  CAP.FOWNER,
  CAP.FSETID,
  CAP.LINUX_IMMUTABLE,
  CAP.MAC_OVERRIDE,
]);

function become(process: Process, ids: UserIds): Result<number> {
  const old = credentialsOf(process);
  const { uid, euid, suid, fsuid } = ids;
  const wasRoot = [old.uid, old.euid, old.suid].includes(0 as Uid);
  const isRoot = [uid, euid, suid].includes(0 as Uid);
  let { effective, permitted, ambient } = old;
  if (wasRoot && !isRoot) {
    if (!old.keepCapabilities) permitted = effective = NO_CAPABILITIES;
    // Ambient capabilities go although PR_SET_KEEPCAPS keeps the others.
    ambient = NO_CAPABILITIES;
  }
  if (old.euid === 0 && euid !== 0) effective = NO_CAPABILITIES;
  if (old.euid !== 0 && euid === 0) effective = permitted;
  changeCredentials(process, { uid, euid, suid, fsuid, effective, permitted, ambient });
  return 0;
}
