/** Operations of prctl(2) on what the process and its threads are called, and how they end. */
import { EINVAL, Errno } from "../../abi/errno.ts";
import { PR } from "../../abi/prctl.ts";
import { NSIG } from "../../abi/signal.ts";
import type { ByteString } from "../../base/bytes.ts";
import { byteString, bytesOf } from "../../base/bytes.ts";
import type { Process } from "../../kernel/process.ts";
import { perProcess, perTask } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import { changeCredentials, credentialsOf } from "../posix-user/index.ts";
import { clearChildTid } from "./exit.ts";
import type { PrctlOption } from "./prctl-option.ts";

/** TASK_COMM_LEN: a name and its NUL. */
const NAME_BYTES = 16;
const DEFAULT_TIMER_SLACK_NS = 50_000;

interface ProcessAttributes {
  dumpable: boolean;
  /** Orphaned descendants become its children. */
  childSubreaper: boolean;
  /** No huge pages, which there are none of anyway. */
  hugePagesDisabled: boolean;
}

const processAttributes = perProcess<ProcessAttributes>({
  create: () => ({ dumpable: true, childSubreaper: false, hugePagesDisabled: false }),
  fork: (parent) => ({ ...parent, childSubreaper: false }),
  exec: (value) => ({ ...value, dumpable: true }),
});

interface TaskAttributes {
  /** What the thread is sent when its parent dies; 0 is nothing. */
  parentDeathSignal: number;
  timerSlackNs: number;
}

const taskAttributes = perTask<TaskAttributes>({
  create: () => ({ parentDeathSignal: 0, timerSlackNs: DEFAULT_TIMER_SLACK_NS }),
  fork: (parent) => ({ ...parent, parentDeathSignal: 0 }),
});

/** The signal that a thread asked for at its parent's death, 0 if none. */
export function parentDeathSignal(task: Task): number {
  return task.get(taskAttributes).parentDeathSignal;
}

/** Whether others of the same user may look into the process, and a core may be written (PR_SET_DUMPABLE). */
export function isDumpable(process: Process): boolean {
  return process.get(processAttributes).dumpable;
}

/** Whether orphaned descendants become the process's children (PR_SET_CHILD_SUBREAPER). */
export function isSubreaper(process: Process): boolean {
  return process.get(processAttributes).childSubreaper;
}

const flag = (on: boolean): number => (on ? 1 : 0);

/** Another user or group has become the process's: nobody may look into it, or be asked to end it (commit_creds). */
export function forgetTrust(process: Process): void {
  process.get(processAttributes).dumpable = false;
  for (const task of process.tasks) task.get(taskAttributes).parentDeathSignal = 0;
}

export const processOptions: readonly PrctlOption[] = [
  {
    option: PR.SET_PDEATHSIG,
    run(task, signo) {
      if (signo > NSIG) return EINVAL;
      task.get(taskAttributes).parentDeathSignal = signo;
      return 0;
    },
  },
  { option: PR.GET_PDEATHSIG, run: (task, at) => task.mm.writeU32(at, parentDeathSignal(task)) },
  { option: PR.GET_DUMPABLE, run: (task) => flag(task.process.get(processAttributes).dumpable) },
  {
    option: PR.SET_DUMPABLE,
    run(task, value) {
      if (value > 1) return EINVAL;
      task.process.get(processAttributes).dumpable = value === 1;
      return 0;
    },
  },
  {
    option: PR.SET_NAME,
    run(task, at) {
      const name = readName(task, at);
      if (name instanceof Errno) return name;
      task.rename(name);
      return 0;
    },
  },
  {
    option: PR.GET_NAME,
    run(task, at) {
      const name = new Uint8Array(NAME_BYTES);
      name.set(bytesOf(task.name));
      return task.mm.write(at, name);
    },
  },
  // Timing is statistical (0), and nothing else can be chosen.
  { option: PR.GET_TIMING, run: () => 0 },
  { option: PR.SET_TIMING, run: (_task, mode) => (mode === 0 ? 0 : EINVAL) },
  { option: PR.GET_TIMERSLACK, run: (task) => task.get(taskAttributes).timerSlackNs },
  {
    option: PR.SET_TIMERSLACK,
    run(task, ns) {
      // A slack allows timers to be late; ours never are on purpose, so that any value is kept.
      task.get(taskAttributes).timerSlackNs = ns === 0 ? DEFAULT_TIMER_SLACK_NS : ns;
      return 0;
    },
  },
  { option: PR.GET_SECCOMP, run: () => 0 },
  {
    option: PR.SET_CHILD_SUBREAPER,
    run(task, value) {
      task.process.get(processAttributes).childSubreaper = value !== 0;
      return 0;
    },
  },
  { option: PR.GET_CHILD_SUBREAPER, run: (task, at) => task.mm.writeU32(at, flag(isSubreaper(task.process))) },
  {
    option: PR.SET_NO_NEW_PRIVS,
    run(task, value, arg3, arg4, arg5) {
      if (value !== 1 || arg3 !== 0 || arg4 !== 0 || arg5 !== 0) return EINVAL;
      changeCredentials(task.process, { noNewPrivileges: true });
      return 0;
    },
  },
  {
    option: PR.GET_NO_NEW_PRIVS,
    run(task, ...rest) {
      if (rest.some((value) => value !== 0)) return EINVAL;
      return flag(credentialsOf(task.process).noNewPrivileges);
    },
  },
  { option: PR.GET_TID_ADDRESS, run: (task, at) => task.mm.writeU64(at, task.get(clearChildTid).address) },
  {
    option: PR.SET_THP_DISABLE,
    run(task, value, arg3, arg4, arg5) {
      if (arg3 !== 0 || arg4 !== 0 || arg5 !== 0) return EINVAL;
      task.process.get(processAttributes).hugePagesDisabled = value !== 0;
      return 0;
    },
  },
  {
    option: PR.GET_THP_DISABLE,
    run(task, ...rest) {
      if (rest.some((value) => value !== 0)) return EINVAL;
      return flag(task.process.get(processAttributes).hugePagesDisabled);
    },
  },
];

/** Reads a name up to its NUL, at most 15 bytes; what lies behind is not touched (strncpy_from_user). */
function readName(task: Task, at: number) {
  let name = "";
  for (let i = 0; i < NAME_BYTES - 1; i++) {
    const byte = task.mm.read(at + i, 1);
    if (byte instanceof Errno) return byte;
    if (byte[0] === 0) break;
    name += byteString(byte);
  }
  return name as ByteString;
}
