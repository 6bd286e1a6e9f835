/** shmctl(2). The order of checks is that of ksys_shmctl in Linux ipc/shm.c. */
import { CAP } from "../../abi/capability.ts";
import { EINVAL, ENOMEM, EPERM, Errno, type Result } from "../../abi/errno.ts";
import { SHM_LIMIT, SHM_MODE, SHMCTL } from "../../abi/ipc.ts";
import { RLIMIT } from "../../abi/resource.ts";
import { shmInfo, shmidDs, shminfo } from "../../abi/riscv64/ipc.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { PAGE_SIZE } from "../../machine/memory.ts";
import { softLimit } from "../posix-process/index.ts";
import { credentialsOf, hasCapability } from "../posix-user/index.ts";
import { commandArg } from "./ipc-args.ts";
import { changeOwner, checkControl, checkUse, describePerm, MAY, secondsNow, UNUSED } from "./ipc-object.ts";
import { segments } from "./segment.ts";

export const shmctl = syscall({
  name: "shmctl",
  args: [arg.i32, commandArg(SHMCTL), arg.ptr()],
  support: {
    partial:
      "SHM_INFO counts all pages as resident; pieces that mprotect(2) parted and made alike again are one attachment",
  },
  run(task, id, command, at) {
    if (command < 0 || id < 0) return EINVAL;
    switch (command) {
      case SHMCTL.IPC_INFO:
        return tellLimits(task, at);
      case SHMCTL.SHM_INFO:
        return tellUse(task, at);
      case SHMCTL.IPC_STAT:
      case SHMCTL.SHM_STAT:
      case SHMCTL.SHM_STAT_ANY:
        return describe(task, id, command, at);
      case SHMCTL.IPC_SET:
      case SHMCTL.IPC_RMID:
        return control(task, id, command, at);
      case SHMCTL.SHM_LOCK:
        return lock(task, id);
      case SHMCTL.SHM_UNLOCK:
        return lock(task, id, true);
      default:
        return EINVAL;
    }
  },
});

function tellLimits({ kernel, mm }: Task, at: GuestPtr): Result<number> {
  const { MAX: max, MIN: min, MNI: mni, ALL: all } = SHM_LIMIT;
  const written = mm.writeStruct(at as GuestPtr<never>, shminfo, { max, min, mni, seg: mni, all, unused: NO_MORE });
  return written === 0 ? kernel.get(segments).highestPlace : written;
}

const NO_MORE: readonly number[] = [0, 0, 0, 0];

function tellUse({ kernel, mm }: Task, at: GuestPtr): Result<number> {
  const all = kernel.get(segments);
  const total = [...all].reduce((pages, { size }) => pages + size / PAGE_SIZE, 0);
  const written = mm.writeStruct(at as GuestPtr<never>, shmInfo, {
    usedIds: all.size,
    total,
    resident: total,
    swapped: 0,
    swapAttempts: 0,
    swapSuccesses: 0,
  });
  return written === 0 ? all.highestPlace : written;
}

function describe({ kernel, process, mm }: Task, id: number, command: number, at: GuestPtr): Result<number> {
  const all = kernel.get(segments);
  const segment = command === SHMCTL.IPC_STAT ? all.find(id) : all.at(id);
  if (segment instanceof Errno) return segment;
  const refused = command === SHMCTL.SHM_STAT_ANY ? undefined : checkUse(process, segment, MAY.READ);
  if (refused !== undefined) return refused;
  const written = mm.writeStruct(at as GuestPtr<never>, shmidDs, {
    perm: describePerm(segment),
    size: segment.length,
    atime: segment.attachedAt,
    dtime: segment.detachedAt,
    ctime: segment.changedAt,
    cpid: segment.makerPid,
    lpid: segment.lastPid,
    nattch: segment.attachments,
    unused: UNUSED,
  });
  return written !== 0 || command === SHMCTL.IPC_STAT ? written : segment.id;
}

function control({ kernel, process, mm }: Task, id: number, command: number, at: GuestPtr): Result<number> {
  const wanted = command === SHMCTL.IPC_SET ? mm.readStruct(at as GuestPtr<never>, shmidDs) : undefined;
  if (wanted instanceof Errno) return wanted;
  const segment = kernel.get(segments).find(id);
  if (segment instanceof Errno) return segment;
  const refused = checkControl(process, segment) ?? (wanted && changeOwner(segment, wanted.perm));
  if (refused !== undefined) return refused;
  if (wanted === undefined) segment.destroy();
  else segment.changedAt = secondsNow(kernel);
  return 0;
}

/** Nothing is ever paged out: a lock counts, and shows. (shmctl_do_lock, user_shm_lock) */
function lock({ kernel, process }: Task, id: number, unlocks = false): Result<number> {
  const all = kernel.get(segments);
  const segment = all.find(id);
  if (segment instanceof Errno) return segment;
  const { euid, uid } = credentialsOf(process);
  const limit = softLimit(process, RLIMIT.MEMLOCK);
  if (!hasCapability(process, CAP.IPC_LOCK)) {
    if (euid !== segment.uid && euid !== segment.cuid) return EPERM;
    if (!unlocks && limit === 0) return EPERM;
  }
  if (unlocks) {
    segment.mode &= ~SHM_MODE.LOCKED;
    segment.lockedBy = undefined;
    return 0;
  }
  if ((segment.mode & SHM_MODE.LOCKED) !== 0) return 0;
  const locked = [...all].reduce((sum, { size, lockedBy }) => sum + (lockedBy === uid ? size : 0), 0);
  if (locked + segment.size > limit && !hasCapability(process, CAP.IPC_LOCK)) return ENOMEM;
  segment.mode |= SHM_MODE.LOCKED;
  segment.lockedBy = uid;
  return 0;
}
