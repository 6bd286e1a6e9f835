/** semop(2) and semtimedop(2). The order of checks is that of do_semtimedop in Linux ipc/sem.c. */
import { E2BIG, EAGAIN, EFBIG, EINTR, EINVAL, Errno, type Result } from "../../abi/errno.ts";
import { IPC, SEM_LIMIT, SEM_UNDO } from "../../abi/ipc.ts";
import { sembuf } from "../../abi/riscv64/ipc.ts";
import { timespec } from "../../abi/riscv64/time.ts";
import type { GuestPtr, Instant, Timespec } from "../../abi/types.ts";
import { array } from "../../base/struct.ts";
import { sleepInLine } from "../../kernel/in-line.ts";
import { formatFields } from "../../kernel/struct-arg.ts";
import { type Arg, arg, formatFlags, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { CallAnswer, WakeReason } from "../../kernel/wait.ts";
import { instantAfter, isValidTimespec, nanosecondsOf, timespecIn } from "../posix-time/index.ts";
import { checkUse, MAY } from "./ipc-object.ts";
import { PendingOperations, type SemaphoreOperation } from "./semaphore-set.ts";
import { semaphoreSets } from "./semget.ts";
import { undoOf } from "./undo.ts";

/** What a sleep keeps. */
interface SemopState {
  readonly pending: PendingOperations;
  readonly deadline: Instant | undefined;
}

const SHOWN_OPERATIONS = 32;

const operationsArg: Arg<GuestPtr<SemaphoreOperation[]>> = {
  decode: "u64",
  format(at, { task, args }) {
    const count = Math.min(Number(args[2]), SHOWN_OPERATIONS);
    const shown = task.mm.readStruct(at as GuestPtr<readonly SemaphoreOperation[]>, array(sembuf, count));
    if (shown instanceof Errno) return arg.ptr().format(at, { task, args, result: undefined });
    return `[${shown.map(formatOperation).join(", ")}]`;
  },
};

function formatOperation({ number, change, flags }: SemaphoreOperation): string {
  const named = flags === 0 ? "0" : formatFlags(flags, { IPC_NOWAIT: IPC.NOWAIT, SEM_UNDO }, "");
  return formatFields({ sem_num: number, sem_op: change, sem_flg: named });
}

export const semtimedop = syscall({
  name: "semtimedop",
  args: [arg.i32, operationsArg, arg.u32, timespecIn],
  support: "full",
  run(task, id, at, count, timeoutAt) {
    if (timeoutAt === 0) return operate(task, id, at, count);
    const timeout = task.mm.readStruct(timeoutAt as GuestPtr<Timespec>, timespec);
    return timeout instanceof Errno ? timeout : operate(task, id, at, count, timeout);
  },
  restart: goOn,
});

export const semop = syscall({
  name: "semop",
  args: [arg.i32, operationsArg, arg.u32],
  support: "full",
  run: operate,
  restart: goOn,
});

function operate(task: Task, id: number, at: GuestPtr, count: number, timeout?: Timespec): CallAnswer {
  if (count > SEM_LIMIT.OPM) return E2BIG;
  if (count < 1) return EINVAL;
  const operations = task.mm.readStruct(at as GuestPtr<readonly SemaphoreOperation[]>, array(sembuf, count));
  if (operations instanceof Errno) return operations;
  if (id < 0 || (timeout !== undefined && !isValidTimespec(timeout))) return EINVAL;
  const pending = prepare(task, id, operations);
  if (pending instanceof Errno) return pending;
  const { set } = pending;
  const outcome = set.attempt(pending);
  if (outcome instanceof Errno) return outcome;
  if (outcome !== undefined) {
    if (pending.alters) set.update(operations, true);
    else set.operated();
    return outcome;
  }
  set.enterLine(pending);
  const deadline = timeout === undefined ? undefined : instantAfter(task.kernel, nanosecondsOf(timeout));
  return sleep(task, { pending, deadline });
}

function prepare(task: Task, id: number, operations: readonly SemaphoreOperation[]): Result<PendingOperations> {
  const set = task.kernel.get(semaphoreSets).find(id);
  if (set instanceof Errno) return set;
  const undo = operations.some(({ flags }) => (flags & SEM_UNDO) !== 0) ? undoOf(task, set) : undefined;
  if (operations.some(({ number }) => number >= set.semaphores.length)) return EFBIG;
  const pending = new PendingOperations(task, set, operations, undo);
  return checkUse(task.process, set, pending.alters ? MAY.WRITE : MAY.READ) ?? pending;
}

function sleep(task: Task, state: SemopState): CallAnswer {
  task.restart = state;
  return sleepInLine(state.pending, state.deadline);
}

/** It is never made again after a signal, not even after one without a handler. */
function goOn(task: Task, state: SemopState, reason?: WakeReason): CallAnswer {
  const { outcome } = state.pending;
  if (outcome !== undefined) return outcome;
  if (reason === "woken") return sleep(task, state);
  state.pending.withdraw();
  return reason === "timeout" ? EAGAIN : EINTR;
}
