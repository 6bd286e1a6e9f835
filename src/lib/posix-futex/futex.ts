/**
 * futex(2): sleeping on a word of memory until another thread wakes. The lock itself is the program's; the kernel knows only
 * who sleeps. The order of checks is that of Linux kernel/futex/{syscalls,waitwake}.c.
 */
import {
  EAGAIN,
  EFAULT,
  EINVAL,
  ENOSYS,
  ERESTART_RESTARTBLOCK,
  ERESTARTSYS,
  Errno,
  ETIMEDOUT,
  type Result,
} from "../../abi/errno.ts";
import { FUTEX } from "../../abi/futex.ts";
import { timespec } from "../../abi/riscv64/time.ts";
import { CLOCK } from "../../abi/time.ts";
import type { GuestPtr, Instant, Timespec } from "../../abi/types.ts";
import { type Arg, arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer, Blocking } from "../../kernel/wait.ts";
import { clearChildTid } from "../posix-process/index.ts";
import { clockOf, instantAfter, instantOf, isValidTimespec, nanosecondsOf, timespecIn } from "../posix-time/index.ts";
import { Waiter, waiterTable } from "./waiters.ts";

type Word = GuestPtr<"u32">;

/** A wait as it stands: who waits where, for what, and until when. */
interface WaitState {
  readonly word: Word;
  readonly expected: number;
  readonly bits: number;
  readonly deadline: Instant | undefined;
  /** Set once it sleeps. */
  waiter: Waiter | undefined;
}

const COMMANDS = {
  WAIT: 0,
  WAKE: 1,
  REQUEUE: 3,
  CMP_REQUEUE: 4,
  WAKE_OP: 5,
  LOCK_PI: 6,
  WAIT_BITSET: 9,
  WAKE_BITSET: 10,
};

const opArg: Arg<number> = {
  decode: (low) => low,
  format(op) {
    const command = Object.entries(COMMANDS).find(([, value]) => value === (op & FUTEX.CMD_MASK));
    const name = command === undefined ? `0x${(op & FUTEX.CMD_MASK).toString(16)}` : `FUTEX_${command[0]}`;
    const scope = (op & FUTEX.PRIVATE_FLAG) !== 0 ? "_PRIVATE" : "";
    return `${name}${scope}${(op & FUTEX.CLOCK_REALTIME) !== 0 ? "|FUTEX_CLOCK_REALTIME" : ""}`;
  },
};

export const futex = syscall({
  name: "futex",
  args: [arg.ptr<"u32">(), opArg, arg.u32, timespecIn, arg.ptr<"u32">(), arg.u32],
  support: { partial: "no requeue, WAKE_OP or priority inheritance; words are shared within one address space only" },
  run(task, word, op, value, timeoutAt, _word2, bits) {
    const command = op & FUTEX.CMD_MASK;
    const deadline = waits(command) ? readDeadline(task, op, timeoutAt) : undefined;
    if (deadline instanceof Errno) return deadline;
    if ((op & FUTEX.CLOCK_REALTIME) !== 0 && command !== FUTEX.WAIT_BITSET) return ENOSYS;
    const shared = (op & FUTEX.PRIVATE_FLAG) === 0;
    switch (command) {
      case FUTEX.WAIT:
        return startWait(task, { word, expected: value, bits: FUTEX.BITSET_MATCH_ANY, deadline, waiter: undefined });
      case FUTEX.WAIT_BITSET:
        return startWait(task, { word, expected: value, bits, deadline, waiter: undefined });
      case FUTEX.WAKE:
        return wake(task, word, value | 0, FUTEX.BITSET_MATCH_ANY, shared);
      case FUTEX.WAKE_BITSET:
        return wake(task, word, value | 0, bits, shared);
      default:
        return ENOSYS;
    }
  },
  restart: wait,
});

function waits(command: number): boolean {
  return command === FUTEX.WAIT || command === FUTEX.WAIT_BITSET;
}

/** FUTEX_WAIT counts from now, FUTEX_WAIT_BITSET names an instant of either clock. */
function readDeadline(task: Task, op: number, at: GuestPtr<Timespec>): Result<Instant | undefined> {
  if (at === 0) return undefined;
  const time = task.mm.readStruct(at, timespec);
  if (time instanceof Errno) return time;
  if (!isValidTimespec(time)) return EINVAL;
  if ((op & FUTEX.CMD_MASK) === FUTEX.WAIT) return instantAfter(task.kernel, nanosecondsOf(time));
  const clock = clockOf(task, (op & FUTEX.CLOCK_REALTIME) !== 0 ? CLOCK.REALTIME : CLOCK.MONOTONIC);
  return clock instanceof Errno || clock.kind === "cpu" ? EINVAL : instantOf(task.kernel, clock, time);
}

/** get_futex_key: a word is aligned, lies in the program's addresses, and a shared one must be mapped. */
function checkWord(task: Task, word: Word, mustBeMapped: boolean): Result<0> {
  if (word % 4 !== 0) return EINVAL;
  return mustBeMapped && task.mm.readU32(word) instanceof Errno ? EFAULT : 0;
}

function startWait(task: Task, state: WaitState): Answer {
  if (state.bits === 0) return EINVAL;
  const checked = checkWord(task, state.word, true);
  return checked === 0 ? wait(task, state) : checked;
}

function* wait(task: Task, state: WaitState): Blocking {
  const table = task.mm.get(waiterTable);
  const { word, deadline } = state;
  task.restart = state;
  if (state.waiter === undefined) {
    // Comparing and enqueuing are one step, because nothing runs between this and the sleep: no wake is lost.
    if (task.mm.readU32(word) !== state.expected) return EAGAIN;
    state.waiter = new Waiter(state.bits);
    table.add(word, state.waiter);
  }
  const { waiter } = state;
  while (!waiter.woken) {
    const reason = yield { on: [waiter.queue], deadline };
    if (waiter.woken || reason === "woken") continue;
    table.remove(word, waiter);
    if (reason === "timeout") return ETIMEDOUT;
    // If the call is made again it compares anew.
    state.waiter = undefined;
    return deadline === undefined ? ERESTARTSYS : ERESTART_RESTARTBLOCK;
  }
  return 0;
}

/**
 * A thread ends or executes another program: the word that it named is cleared, and whoever joins it is woken
 * (mm_release of Linux kernel/fork.c). Nobody could join the last one.
 */
export function clearTidAndWake(task: Task): void {
  const { address } = task.get(clearChildTid);
  if (address === 0 || task.mm.users <= 1) return;
  task.mm.writeU32(address as GuestPtr, 0);
  wake(task, address as GuestPtr as Word, 1, FUTEX.BITSET_MATCH_ANY, true);
}

/** Like Linux, a count below 1 wakes one. */
function wake(task: Task, word: Word, count: number, bits: number, shared: boolean): Result<number> {
  if (bits === 0) return EINVAL;
  const checked = checkWord(task, word, shared);
  if (checked !== 0) return checked;
  return task.mm.get(waiterTable).wake(word, Math.max(count, 1), bits);
}
