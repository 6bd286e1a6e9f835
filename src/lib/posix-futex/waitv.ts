/** futex_waitv(2): sleeping on several words at once (Linux kernel/futex/waitwake.c, futex_wait_multiple). */
import { EAGAIN, EINVAL, ERESTARTSYS, Errno, ETIMEDOUT, type Result } from "../../abi/errno.ts";
import { FUTEX, FUTEX_WAITV_MAX } from "../../abi/futex.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Blocking } from "../../kernel/wait.ts";
import { clockArg, type Deadline, hasPassed, readClockDeadline, timespecIn } from "../posix-time/index.ts";
import { keyOf } from "./key.ts";
import { dequeue, enqueue, type FutexKey, Waiter } from "./queue.ts";
import { futexSleep } from "./wait.ts";
import { type ExpectedWord, NO_NODES, readWords, waitvIn } from "./waitv-words.ts";
import { loadWord } from "./word.ts";

/** What a sleep keeps. A signal makes the call be made again with its arguments: its deadline is absolute. */
interface WaitvState {
  readonly waiters: readonly Waiter[];
  readonly deadline: Deadline | undefined;
}

/** Answers the index of a word that was woken; of several, the last. */
export const futexWaitv = syscall({
  name: "futex_waitv",
  args: [waitvIn({ argument: 1 }), arg.u32, arg.u32, timespecIn, clockArg],
  support: NO_NODES,
  run(task, wordsAt, count, flags, timeoutAt, clock) {
    if (flags !== 0) return EINVAL;
    if (count === 0 || count > FUTEX_WAITV_MAX || wordsAt === 0) return EINVAL;
    const deadline = readClockDeadline(task, timeoutAt, clock);
    if (deadline instanceof Errno) return deadline;
    const words = readWords(task, wordsAt, count);
    if (words instanceof Errno) return words;
    const waiters = startWaits(task, words);
    if (waiters instanceof Errno) return waiters;
    const state: WaitvState = { waiters, deadline };
    task.restart = state;
    return sleep(task, state);
  },
  restart: sleep,
});

/** Waits on all words, or on none if one has not the expected value. */
function startWaits(task: Task, words: readonly ExpectedWord[]): Result<readonly Waiter[]> {
  const keys: FutexKey[] = [];
  for (const { at } of words) {
    const key = keyOf(task, at, "read");
    if (key instanceof Errno) return key;
    keys.push(key);
  }
  for (const { at, expected } of words) {
    const seen = loadWord(task.mm, at.word);
    if (seen instanceof Errno) return seen;
    if (seen !== expected) return EAGAIN;
  }
  return keys.map((key) => {
    const waiter = new Waiter(task, FUTEX.BITSET_MATCH_ANY);
    enqueue(key, waiter);
    return waiter;
  });
}

function* sleep(task: Task, { waiters, deadline }: WaitvState): Blocking {
  while (indexOfWoken(waiters) < 0) {
    const reason = yield futexSleep(task, deadline);
    if (indexOfWoken(waiters) >= 0) break;
    const over = reason === "timeout" && hasPassed(task.kernel, deadline);
    if (!over && reason !== "signal") continue;
    waiters.forEach(dequeue);
    return over ? ETIMEDOUT : ERESTARTSYS;
  }
  const woken = indexOfWoken(waiters);
  waiters.forEach(dequeue);
  return woken;
}

function indexOfWoken(waiters: readonly Waiter[]): number {
  return waiters.findLastIndex(({ queue }) => queue === undefined);
}
