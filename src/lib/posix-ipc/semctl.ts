/** semctl(2). The order of checks is that of ksys_semctl in Linux ipc/sem.c. */
import { EINVAL, ERANGE, Errno, type Result } from "../../abi/errno.ts";
import { SEM_LIMIT, SEMCTL } from "../../abi/ipc.ts";
import { semidDs, seminfo } from "../../abi/riscv64/ipc.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { array, u16 } from "../../base/struct.ts";
import { type Arg, arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { HART } from "../../machine/hart.ts";
import { commandArg } from "./ipc-args.ts";
import { changeOwner, checkControl, checkUse, describePerm, MAY, secondsNow, UNUSED } from "./ipc-object.ts";
import type { SemaphoreSet } from "./semaphore-set.ts";
import { countSemaphores, semaphoreSets } from "./semget.ts";

/** union semun: a number or an address. */
const semunArg: Arg<GuestPtr> = arg.ptr();

export const semctl = syscall({
  name: "semctl",
  args: [arg.i32, arg.i32, commandArg(SEMCTL), semunArg],
  support: "full",
  run(task, id, number, command, argument) {
    if (id < 0) return EINVAL;
    switch (command) {
      case SEMCTL.IPC_INFO:
      case SEMCTL.SEM_INFO:
        return tellLimits(task, command, argument);
      case SEMCTL.IPC_STAT:
      case SEMCTL.SEM_STAT:
      case SEMCTL.SEM_STAT_ANY:
        return describe(task, id, command, argument);
      case SEMCTL.GETALL:
      case SEMCTL.SETALL:
      case SEMCTL.GETVAL:
      case SEMCTL.GETPID:
      case SEMCTL.GETNCNT:
      case SEMCTL.GETZCNT:
        return useValues(task, id, number, command, argument);
      case SEMCTL.SETVAL:
        return setValue(task, id, number);
      case SEMCTL.IPC_SET:
      case SEMCTL.IPC_RMID:
        return control(task, id, command, argument);
      default:
        return EINVAL;
    }
  },
});

function tellLimits({ kernel, mm }: Task, command: number, at: GuestPtr): Result<number> {
  const sets = kernel.get(semaphoreSets);
  const all = SEM_LIMIT.MNS;
  const used = command === SEMCTL.SEM_INFO;
  const written = mm.writeStruct(at as GuestPtr<never>, seminfo, {
    map: all,
    mni: SEM_LIMIT.MNI,
    mns: all,
    mnu: all,
    msl: SEM_LIMIT.MSL,
    opm: SEM_LIMIT.OPM,
    ume: SEM_LIMIT.OPM,
    usz: used ? sets.size : SEM_LIMIT.USZ,
    vmx: SEM_LIMIT.VMX,
    aem: used ? countSemaphores(sets) : SEM_LIMIT.AEM,
  });
  return written === 0 ? sets.highestPlace : written;
}

function describe({ kernel, process, mm }: Task, id: number, command: number, at: GuestPtr): Result<number> {
  const sets = kernel.get(semaphoreSets);
  const set = command === SEMCTL.IPC_STAT ? sets.find(id) : sets.at(id);
  if (set instanceof Errno) return set;
  const refused = command === SEMCTL.SEM_STAT_ANY ? undefined : checkUse(process, set, MAY.READ);
  if (refused !== undefined) return refused;
  const written = mm.writeStruct(at as GuestPtr<never>, semidDs, {
    perm: describePerm(set),
    otime: set.operatedAt,
    ctime: set.changedAt,
    nsems: set.semaphores.length,
    unused: UNUSED,
  });
  return written !== 0 || command === SEMCTL.IPC_STAT ? written : set.id;
}

/** semctl_main */
function useValues(task: Task, id: number, number: number, command: number, at: GuestPtr): Result<number> {
  const set = task.kernel.get(semaphoreSets).find(id);
  if (set instanceof Errno) return set;
  const refused = checkUse(task.process, set, command === SEMCTL.SETALL ? MAY.WRITE : MAY.READ);
  if (refused !== undefined) return refused;
  if (command === SEMCTL.GETALL || command === SEMCTL.SETALL) {
    return command === SEMCTL.GETALL ? getAll(task, set, at) : setAll(task, set, at);
  }
  const semaphore = set.semaphores[number];
  if (semaphore === undefined) return EINVAL;
  if (command === SEMCTL.GETVAL) return semaphore.value;
  return command === SEMCTL.GETPID ? semaphore.pid : set.countWaiting(number, command === SEMCTL.GETZCNT);
}

function getAll({ mm }: Task, { semaphores }: SemaphoreSet, at: GuestPtr): Result<number> {
  const layout = array(u16, semaphores.length);
  return mm.writeStruct(
    at as GuestPtr<readonly number[]>,
    layout,
    semaphores.map(({ value }) => value),
  );
}

function setAll(task: Task, set: SemaphoreSet, at: GuestPtr): Result<number> {
  const values = task.mm.readStruct(at as GuestPtr<readonly number[]>, array(u16, set.semaphores.length));
  if (values instanceof Errno) return values;
  if (values.some((value) => value > SEM_LIMIT.VMX)) return ERANGE;
  for (const [number, value] of values.entries()) assign(task, set, number, value);
  return valuesSet(task, set);
}

const A3 = 13;

function setValue(task: Task, id: number, number: number): Result<number> {
  // An int in a union: what the upper half of the register holds, nobody has set.
  const value = task.mm.memory.i32[(HART.x + 8 * A3) / 4]!;
  if (value > SEM_LIMIT.VMX || value < 0) return ERANGE;
  const set = task.kernel.get(semaphoreSets).find(id);
  if (set instanceof Errno) return set;
  if (set.semaphores[number] === undefined) return EINVAL;
  const refused = checkUse(task.process, set, MAY.WRITE);
  if (refused !== undefined) return refused;
  assign(task, set, number, value);
  return valuesSet(task, set);
}

/** Nobody undoes what came before. */
function assign({ process }: Task, set: SemaphoreSet, number: number, value: number): void {
  const semaphore = set.semaphores[number]!;
  semaphore.value = value;
  semaphore.pid = process.pid;
  for (const { adjustments } of set.undos) adjustments[number] = 0;
}

function valuesSet({ kernel }: Task, set: SemaphoreSet): 0 {
  set.changedAt = secondsNow(kernel);
  set.update(undefined, false);
  return 0;
}

function control({ kernel, process, mm }: Task, id: number, command: number, at: GuestPtr): Result<number> {
  const wanted = command === SEMCTL.IPC_SET ? mm.readStruct(at as GuestPtr<never>, semidDs) : undefined;
  if (wanted instanceof Errno) return wanted;
  const sets = kernel.get(semaphoreSets);
  const set = sets.find(id);
  if (set instanceof Errno) return set;
  const refused = checkControl(process, set) ?? (wanted && changeOwner(set, wanted.perm));
  if (refused !== undefined) return refused;
  if (wanted === undefined) sets.remove(set);
  else set.changedAt = secondsNow(kernel);
  return 0;
}
