/**
 * futex(2): sleeping on a word of memory until another thread wakes. The lock itself is the program's; the kernel knows only
 * who sleeps. The order of checks is that of Linux kernel/futex/syscalls.c.
 */
import { ENOSYS, Errno, type Result } from "../../abi/errno.ts";
import { FUTEX } from "../../abi/futex.ts";
import type { GuestPtr, Timespec } from "../../abi/types.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { CallAnswer } from "../../kernel/wait.ts";
import { type Deadline, readDeadline } from "../posix-time/index.ts";
import { commandOf, opArg, secondWordArg, timeoutOrCountArg, value3Arg, valueArg } from "./futex-args.ts";
import type { WordArg } from "./key.ts";
import { awaitLock, type LockState, lockPi, tryLockPi, unlockPi } from "./lock-pi.ts";
import { requeueWaiters } from "./requeue.ts";
import { requeueToLock, waitRequeuePi } from "./requeue-pi.ts";
import { type WaitState, wait } from "./wait.ts";
import { wake, wakeOp } from "./wake.ts";

const { WAIT, WAIT_BITSET, WAIT_REQUEUE_PI, LOCK_PI, LOCK_PI2, BITSET_MATCH_ANY } = FUTEX;

export const futex = syscall({
  name: "futex",
  args: [arg.ptr<"u32">(), opArg, valueArg, timeoutOrCountArg, secondWordArg, value3Arg],
  support: "full",
  run(task, word, op, value, timeoutOrCount, word2, value3) {
    const command = commandOf(op);
    if (command === undefined) return ENOSYS;
    const deadline = command.takesTimeout ? readTimeout(task, op, timeoutOrCount) : undefined;
    if (deadline instanceof Errno) return deadline;
    if ((op & FUTEX.CLOCK_REALTIME) !== 0 && !command.takesClock) return ENOSYS;
    const shared = (op & FUTEX.PRIVATE_FLAG) === 0;
    const at: WordArg = { word, shared };
    switch (op & FUTEX.CMD_MASK) {
      case WAIT:
        return startWait(task, at, value, BITSET_MATCH_ANY, deadline);
      case WAIT_BITSET:
        return startWait(task, at, value, value3, deadline);
      case FUTEX.WAKE:
        return wake(task, at, value | 0);
      case FUTEX.WAKE_BITSET:
        return wake(task, at, value | 0, value3);
      case FUTEX.WAKE_OP:
        return wakeOp(task, {
          first: at,
          firstCount: value | 0,
          second: { word: word2, shared },
          secondCount: timeoutOrCount | 0,
          operation: value3,
        });
      case FUTEX.REQUEUE:
      case FUTEX.CMP_REQUEUE:
      case FUTEX.CMP_REQUEUE_PI: {
        const expected = command.takes.includes("value3") ? value3 : undefined;
        const move = (op & FUTEX.CMD_MASK) === FUTEX.CMP_REQUEUE_PI ? requeueToLock : requeueWaiters;
        const to = { word: word2, shared };
        return move(task, { from: at, to, wakeCount: value | 0, moveCount: timeoutOrCount | 0, expected });
      }
      case LOCK_PI:
      case LOCK_PI2:
        return lockPi(task, at, deadline);
      case FUTEX.TRYLOCK_PI:
        return tryLockPi(task, at);
      case FUTEX.UNLOCK_PI:
        return unlockPi(task, at);
      case WAIT_REQUEUE_PI:
        return waitRequeuePi(task, at, value, { word: word2, shared }, deadline);
      default:
        return ENOSYS;
    }
  },
  restart: (task, state: WaitState | LockState, reason) =>
    state.kind === "wait" ? wait(task, state, reason) : awaitLock(task, state),
});

/** FUTEX_WAIT counts from now; the others name an instant, FUTEX_LOCK_PI always one of the wall clock. */
function readTimeout(task: Task, op: number, at: GuestPtr<Timespec>): Result<Deadline | undefined> {
  const command = op & FUTEX.CMD_MASK;
  if (command === WAIT) return readDeadline(task, at, "relative");
  const realtime = command === LOCK_PI || (op & FUTEX.CLOCK_REALTIME) !== 0;
  return readDeadline(task, at, realtime ? "realtime" : "monotonic");
}

function startWait(
  task: Task,
  at: WordArg,
  expected: number,
  bits: number,
  deadline: Deadline | undefined,
): CallAnswer {
  const keepsDeadline = deadline !== undefined;
  const { word, shared } = at;
  return wait(task, { kind: "wait", word, shared, expected, bits, deadline, keepsDeadline, waiter: undefined });
}
