/** clone(2) and clone3(2), under fork, vfork, posix_spawn and threads (kernel_clone and copy_process of Linux kernel/fork.c). */
import { CAP } from "../../abi/capability.ts";
import { CLONE, CSIGNAL } from "../../abi/clone.ts";
import { E2BIG, EAGAIN, EFAULT, EINVAL, EPERM, Errno, type Result } from "../../abi/errno.ts";
import { RLIMIT } from "../../abi/resource.ts";
import { CLONE_ARGS_FIRST_SIZE, type CloneArgs, cloneArgs } from "../../abi/riscv64/clone.ts";
import { NSIG } from "../../abi/signal.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { type CloneFlag, type CloneRequest, cloneFlag, hasFlag } from "../../kernel/clone-flag.ts";
import { setContextRegister } from "../../kernel/hart-context.ts";
import { PID_MAX } from "../../kernel/ids.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import { type Arg, arg, formatFlags, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer, Blocking } from "../../kernel/wait.ts";
import { PAGE_SIZE } from "../../machine/memory.ts";
import { clearChildTid, jobControlOf, softLimit } from "../posix-process/index.ts";
import { credentialsOf, hasCapability } from "../posix-user/index.ts";
import { becomeChild, familyOf } from "./family.ts";

/** Integer registers of the psABI. */
const SP = 2;
const TP = 4;
const A0 = 10;

const SUPPORT = {
  partial: "no namespaces or cgroups; threads of one process always share files and working directory",
} as const;

const flagsArg: Arg<number> = {
  decode: "u32",
  format(flags) {
    const signal = flags & CSIGNAL;
    const rest = (flags & ~CSIGNAL) >>> 0;
    const named = rest === 0 ? [] : [formatFlags(rest, LEGACY_FLAGS, "CLONE_")];
    return [...named, ...(signal === 0 ? [] : [`${signal}`])].join("|") || "0";
  },
};

const { CLEAR_SIGHAND, INTO_CGROUP, NEWTIME, ...LEGACY_FLAGS } = CLONE;

export const clone = syscall({
  name: "clone",
  args: [flagsArg, arg.ptr(), arg.ptr<"tid">(), arg.ptr(), arg.ptr<"tid">()],
  support: SUPPORT,
  run(task, word, sp, parentTid, tls, childTid) {
    const flags = (word & ~CSIGNAL) >>> 0;
    if (hasFlag(flags, CLONE.PIDFD) && hasFlag(flags, CLONE.PARENT_SETTID)) return EINVAL;
    const pidfd = parentTid as GuestPtr as GuestPtr<"fd">;
    return start(task, { flags, exitSignal: word & CSIGNAL, sp, tls, parentTid, childTid, pidfd });
  },
  restart: awaitDeparture,
});

export const clone3 = syscall({
  name: "clone3",
  args: [arg.ptr<CloneArgs>(), arg.u64],
  support: SUPPORT,
  run(task, at, size) {
    const request = readRequest(task, at, size);
    return request instanceof Errno ? request : start(task, request);
  },
  restart: awaitDeparture,
});

/** copy_clone_args_from_user and clone3_args_valid. */
function readRequest(task: Task, at: GuestPtr<CloneArgs>, size: number): Result<CloneRequest> {
  if (size > PAGE_SIZE) return E2BIG;
  if (size < CLONE_ARGS_FIRST_SIZE) return EINVAL;
  const bytes = task.mm.read(at as GuestPtr, size);
  if (bytes instanceof Errno) return bytes;
  if (bytes.subarray(cloneArgs.size).some((byte) => byte !== 0)) return E2BIG;
  const whole = new Uint8Array(cloneArgs.size);
  whole.set(bytes.subarray(0, cloneArgs.size));
  const args = cloneArgs.read(new DataView(whole.buffer), 0);
  const id = isValid(args) ? readId(task, args) : EINVAL;
  if (id instanceof Errno) return id;
  return {
    flags: args.flags,
    exitSignal: args.exitSignal,
    sp: args.stack === 0 ? 0 : args.stack + args.stackSize,
    tls: args.tls,
    parentTid: args.parentTid as GuestPtr<"tid">,
    childTid: args.childTid as GuestPtr<"tid">,
    pidfd: args.pidfd as GuestPtr<"fd">,
    ...(id === 0 ? {} : { id }),
  };
}

/** The id that set_tid asks for; 0 if it asks for none. There is one pid namespace, so that there can be one id. */
function readId(task: Task, { setTid, setTidSize }: CloneArgs): Result<number> {
  if (setTidSize === 0) return 0;
  const id = task.mm.readU32(setTid as GuestPtr);
  if (id instanceof Errno) return id;
  return setTidSize > 1 || id < 1 || id >= PID_MAX ? EINVAL : id;
}

const MAX_PID_NS_LEVEL = 32;

function isValid({ flags, exitSignal, stack, stackSize, setTid, setTidSize }: CloneArgs): boolean {
  if (setTidSize > MAX_PID_NS_LEVEL || (setTid === 0) !== (setTidSize === 0)) return false;
  if (exitSignal > NSIG || flags >= 2 * INTO_CGROUP || hasFlag(flags, INTO_CGROUP)) return false;
  if (hasFlag(flags, CLONE.DETACHED) || (flags & CSIGNAL & ~NEWTIME) !== 0) return false;
  if (hasFlag(flags, CLONE.SIGHAND) && hasFlag(flags, CLEAR_SIGHAND)) return false;
  if ((hasFlag(flags, CLONE.THREAD) || hasFlag(flags, CLONE.PARENT)) && exitSignal !== 0) return false;
  return (stack === 0) === (stackSize === 0);
}

function start(task: Task, request: CloneRequest): Answer {
  const refused = checkFlags(task, request) ?? checkLimits(task);
  if (refused !== undefined) return refused;
  const child = makeChild(task, request);
  if (child instanceof Errno) return child;
  task.kernel.scheduler.makeRunnable(child, "new");
  if (!hasFlag(request.flags, CLONE.VFORK)) return child.tid;
  return awaitDeparture(task, { child: child.tid });
}

/** The order of checks is copy_process's. */
function checkFlags(task: Task, { flags }: CloneRequest): Errno | undefined {
  const has = (flag: number): boolean => hasFlag(flags, flag);
  if ((has(CLONE.NEWNS) || has(CLONE.NEWUSER)) && has(CLONE.FS)) return EINVAL;
  if (has(CLONE.THREAD) && !has(CLONE.SIGHAND)) return EINVAL;
  if (has(CLONE.SIGHAND) && !has(CLONE.VM)) return EINVAL;
  if (has(CLONE.PARENT) && task.process === task.kernel.init) return EINVAL;
  if (has(CLONE.PIDFD) && has(CLONE.DETACHED)) return EINVAL;
  if (has(CLONE.THREAD) && !(has(CLONE.FILES) && has(CLONE.FS))) return EINVAL;
  return task.kernel.get(missingFlags).some(has) ? EINVAL : undefined;
}

/** Flags that nobody in this machine provides. */
const missingFlags = perKernel((kernel) => {
  const provided = new Set(kernel.extensions(cloneFlag).map(({ flag }) => flag));
  return Object.values(CLONE).filter((flag) => !BUILT_IN.has(flag) && !provided.has(flag));
});

/** RLIMIT_NPROC bounds the processes and threads of a user who is nobody special. */
function checkLimits({ kernel, process }: Task): Errno | undefined {
  if (kernel.tasks.size >= MAX_TASKS) return EAGAIN;
  const limit = softLimit(process, RLIMIT.NPROC);
  if (kernel.tasks.size < limit) return undefined;
  const { uid } = credentialsOf(process);
  if (uid === 0 || hasCapability(process, CAP.SYS_RESOURCE) || hasCapability(process, CAP.SYS_ADMIN)) return undefined;
  const own = [...kernel.tasks.values()].filter((task) => credentialsOf(task.process).uid === uid);
  return own.length >= limit ? EAGAIN : undefined;
}

/** As many as there are ids, with room for groups and sessions. */
const MAX_TASKS = 32_000;

function makeChild(task: Task, request: CloneRequest): Result<Task> {
  const { kernel } = task;
  const { flags, exitSignal, sp } = request;
  const isThread = hasFlag(flags, CLONE.THREAD);
  const id = request.id === undefined ? undefined : takeId(task, request.id);
  if (id instanceof Errno) return id;
  const process = isThread ? task.process : kernel.forkProcess(task.process, hasFlag(flags, CLONE.VM), id);
  if (process instanceof Errno) return process;
  const child = kernel.forkTask(task, process, id);
  setContextRegister(child.registers, A0, 0);
  if (sp !== 0) setContextRegister(child.registers, SP, sp);
  for (const contributed of [...OWN_FLAGS, ...kernel.extensions(cloneFlag)]) {
    const applied = hasFlag(flags, contributed.flag) ? contributed.apply(child, task, request) : 0;
    if (applied === 0) continue;
    if (isThread) kernel.exitTask(child, 0);
    else kernel.exitProcess(process, { kind: "exited", code: 0 });
    return applied;
  }
  if (!isThread) joinFamily(child, task, flags, exitSignal);
  return child;
}

/** Only who may restore checkpoints chooses ids (alloc_pid). */
function takeId({ kernel, process }: Task, id: number): Result<number> {
  const allowed = hasCapability(process, CAP.SYS_ADMIN) || hasCapability(process, CAP.CHECKPOINT_RESTORE);
  return allowed ? kernel.ids.take(id) : EPERM;
}

/** CLONE_PARENT: a sibling of the caller, who then sends what the caller would. */
function joinFamily(child: Task, task: Task, flags: number, exitSignal: number): void {
  const { process } = task;
  const { maker } = jobControlOf(process);
  if (!hasFlag(flags, CLONE.PARENT)) becomeChild(child.process, task, exitSignal);
  else if (maker !== undefined) becomeChild(child.process, maker, familyOf(process).exitSignal);
}

/** Sleeps until the child of a vfork has executed a program or ended. (wait_for_vfork_done) */
function* awaitDeparture(task: Task, state: { readonly child: number }): Blocking {
  task.restart = state;
  for (;;) {
    const child = task.kernel.processOf(state.child);
    if (child === undefined || familyOf(child).departed) return state.child;
    yield { on: [familyOf(child).departure], interruptible: false };
  }
}

const setTid = (child: Task, owner: Task, at: GuestPtr<"tid">): 0 | typeof EFAULT =>
  owner.mm.writeU32(at as GuestPtr, child.tid) === 0 ? 0 : EFAULT;

const OWN_FLAGS: readonly CloneFlag[] = [
  {
    flag: CLONE.SETTLS,
    apply(child, _parent, { tls }) {
      setContextRegister(child.registers, TP, tls);
      return 0;
    },
  },
  { flag: CLONE.PARENT_SETTID, apply: (child, parent, { parentTid }) => setTid(child, parent, parentTid) },
  {
    flag: CLONE.CHILD_SETTID,
    apply(child, _parent, { childTid }) {
      // The child itself would write it, and would not be told of a failure (schedule_tail).
      setTid(child, child, childTid);
      return 0;
    },
  },
  {
    flag: CLONE.CHILD_CLEARTID,
    apply(child, _parent, { childTid }) {
      child.get(clearChildTid).address = childTid;
      return 0;
    },
  },
];

/**
 * Flags that need no library's help. Nothing here traces or accounts for I/O, so that the flags on these have nothing to do; nor
 * has CLONE_SYSVSEM where nobody keeps semaphores to undo.
 */
const BUILT_IN: ReadonlySet<number> = new Set([
  ...OWN_FLAGS.map(({ flag }) => flag),
  CLONE.VM,
  CLONE.VFORK,
  CLONE.PARENT,
  CLONE.THREAD,
  CLONE.PTRACE,
  CLONE.UNTRACED,
  CLONE.DETACHED,
  CLONE.SYSVSEM,
  CLONE.IO,
]);
