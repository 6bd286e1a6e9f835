/** futex_wait(2), futex_wake(2) and futex_requeue(2): one call an operation, with flags for each word (Linux 6.7). */
import { EINVAL, Errno, type Result } from "../../abi/errno.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import { clockArg, readClockDeadline, timespecIn } from "../posix-time/index.ts";
import { requeueWaiters } from "./requeue.ts";
import { wait } from "./wait.ts";
import { flagsArg, NO_NODES, parseFlags, readWords, waitvIn } from "./waitv-words.ts";
import { wake } from "./wake.ts";

/** What fits a word of 32 bits (futex_validate_input). */
const MAX_VALUE = 0xffff_ffff;

export const futexWait = syscall({
  name: "futex_wait",
  args: [arg.ptr<"u32">(), arg.u64, arg.u64, flagsArg, timespecIn, clockArg],
  support: NO_NODES,
  run(task, word, expected, bits, flags, timeoutAt, clock) {
    const scope = parseFlags(flags);
    if (scope instanceof Errno) return scope;
    if (expected > MAX_VALUE || bits > MAX_VALUE) return EINVAL;
    const deadline = readClockDeadline(task, timeoutAt, clock);
    if (deadline instanceof Errno) return deadline;
    const { shared } = scope;
    return wait(task, {
      kind: "wait",
      word,
      shared,
      expected,
      bits,
      deadline,
      keepsDeadline: false,
      waiter: undefined,
    });
  },
  restart: wait,
});

export const futexWake = syscall({
  name: "futex_wake",
  args: [arg.ptr<"u32">(), arg.u64, arg.i32, flagsArg],
  support: NO_NODES,
  run(task, word, bits, count, flags): Result<number> {
    const scope = parseFlags(flags);
    if (scope instanceof Errno) return scope;
    if (bits > MAX_VALUE) return EINVAL;
    return wake(task, { word, shared: scope.shared }, count, bits, true);
  },
});

export const futexRequeue = syscall({
  name: "futex_requeue",
  args: [waitvIn(2), arg.u32, arg.i32, arg.i32],
  support: NO_NODES,
  run(task, wordsAt, flags, wakeCount, moveCount): Result<number> {
    if (flags !== 0 || wordsAt === 0) return EINVAL;
    const words = readWords(task, wordsAt, 2);
    if (words instanceof Errno) return words;
    const [from, to] = words;
    if (from === undefined || to === undefined || from.at.shared !== to.at.shared) return EINVAL;
    return requeueWaiters(task, { from: from.at, to: to.at, wakeCount, moveCount, expected: from.expected });
  },
});
