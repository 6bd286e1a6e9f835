/** setgid(2) and its family, and the supplementary groups (Linux kernel/sys.c, kernel/groups.c). */
import { CAP } from "../../abi/capability.ts";
import { EINVAL, EPERM, Errno } from "../../abi/errno.ts";
import type { Gid } from "../../abi/types.ts";
import { array, u32 } from "../../base/struct.ts";
import { structOut } from "../../kernel/struct-arg.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import { changeCredentials, credentialsOf, hasCapability } from "./credentials.ts";
import { formatId, idArg, KEEP, writeIds } from "./id-arg.ts";

/** Most supplementary groups that Linux allows. */
const NGROUPS_MAX = 65536;

export const getgid = syscall({
  name: "getgid",
  args: [],
  support: "full",
  run: (task) => credentialsOf(task.process).gid,
});

export const getegid = syscall({
  name: "getegid",
  args: [],
  support: "full",
  run: (task) => credentialsOf(task.process).egid,
});

export const getresgid = syscall({
  name: "getresgid",
  args: [structOut(u32, formatId), structOut(u32, formatId), structOut(u32, formatId)],
  support: "full",
  run(task, rgid, egid, sgid) {
    const own = credentialsOf(task.process);
    return writeIds(task.mm, [
      [rgid, own.gid],
      [egid, own.egid],
      [sgid, own.sgid],
    ]);
  },
});

export const setgid = syscall({
  name: "setgid",
  args: [idArg<Gid>()],
  support: "full",
  run({ process }, gid) {
    if (gid === KEEP) return EINVAL;
    const own = credentialsOf(process);
    if (hasCapability(process, CAP.SETGID)) {
      changeCredentials(process, { gid, egid: gid, sgid: gid, fsgid: gid });
    } else if (gid === own.gid || gid === own.sgid) {
      changeCredentials(process, { egid: gid, fsgid: gid });
    } else {
      return EPERM;
    }
    return 0;
  },
});

export const setregid = syscall({
  name: "setregid",
  args: [idArg<Gid>(), idArg<Gid>()],
  support: "full",
  run({ process }, rgid, egid) {
    const own = credentialsOf(process);
    if (!hasCapability(process, CAP.SETGID)) {
      if (rgid !== KEEP && rgid !== own.gid && rgid !== own.egid) return EPERM;
      if (egid !== KEEP && ![own.gid, own.egid, own.sgid].includes(egid)) return EPERM;
    }
    const effective = egid === KEEP ? own.egid : egid;
    const saves = rgid !== KEEP || (egid !== KEEP && egid !== own.gid);
    changeCredentials(process, {
      gid: rgid === KEEP ? own.gid : rgid,
      egid: effective,
      sgid: saves ? effective : own.sgid,
      fsgid: effective,
    });
    return 0;
  },
});

export const setresgid = syscall({
  name: "setresgid",
  args: [idArg<Gid>(), idArg<Gid>(), idArg<Gid>()],
  support: "full",
  run({ process }, rgid, egid, sgid) {
    const own = credentialsOf(process);
    const known = [own.gid, own.egid, own.sgid];
    const foreign = [rgid, egid, sgid].some((id) => id !== KEEP && !known.includes(id));
    if (foreign && !hasCapability(process, CAP.SETGID)) return EPERM;
    const effective = egid === KEEP ? own.egid : egid;
    changeCredentials(process, {
      gid: rgid === KEEP ? own.gid : rgid,
      egid: effective,
      sgid: sgid === KEEP ? own.sgid : sgid,
      fsgid: effective,
    });
    return 0;
  },
});

/** setfsgid(2): always answers the old id, also when it changed nothing. */
export const setfsgid = syscall({
  name: "setfsgid",
  args: [idArg<Gid>()],
  support: "full",
  run({ process }, gid) {
    const own = credentialsOf(process);
    const allowed = [own.gid, own.egid, own.sgid, own.fsgid].includes(gid) || hasCapability(process, CAP.SETGID);
    if (gid !== KEEP && allowed) changeCredentials(process, { fsgid: gid });
    return own.fsgid;
  },
});

export const getgroups = syscall({
  name: "getgroups",
  args: [arg.i32, arg.ptr<"gid[]">()],
  support: "full",
  run(task, size, list) {
    const { groups } = credentialsOf(task.process);
    if (size < 0) return EINVAL;
    if (size === 0) return groups.length;
    if (groups.length > size) return EINVAL;
    const written = task.mm.writeStruct(list, array(u32, groups.length), groups);
    return written instanceof Errno ? written : groups.length;
  },
});

export const setgroups = syscall({
  name: "setgroups",
  args: [arg.i32, arg.ptr<"gid[]">()],
  support: "full",
  run(task, size, list) {
    if (!hasCapability(task.process, CAP.SETGID)) return EPERM;
    if (size >>> 0 > NGROUPS_MAX) return EINVAL;
    const groups = size === 0 ? [] : task.mm.readStruct(list as number, array(u32, size));
    if (groups instanceof Errno) return groups;
    if (groups.includes(KEEP)) return EINVAL;
    changeCredentials(task.process, { groups: groups as readonly Gid[] });
    return 0;
  },
});
