import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FUTEX } from "../../abi/futex.ts";
import { timespec } from "../../abi/riscv64/time.ts";
import { SCHED } from "../../abi/sched.ts";
import { TestKernel } from "../../host/test/index.ts";
import type { Task } from "../../kernel/task.ts";
import { effectivePriority, priorityChanged, scheduling } from "../posix-sched/effective-priority.ts";
import { posixFutex } from "./index.ts";

const { LOCK_PI, TRYLOCK_PI, UNLOCK_PI, WAIT_REQUEUE_PI, CMP_REQUEUE_PI, WAITERS, OWNER_DIED, PRIVATE_FLAG } = FUTEX;
const FAIR = 120;

function boot(discardGenerators: boolean) {
  const k = new TestKernel([posixFutex], { options: { discardGenerators } });
  const task = k.process();
  const word = (index: number) => base + 4 * index;
  const base = k.reserve(task, 64);
  const op = (thread: Task, at: number, code: number, ...rest: number[]) =>
    k.start(thread, "futex", at, code | PRIVATE_FLAG, ...rest);
  const lock = (thread: Task, at: number) => op(thread, at, LOCK_PI, 0, 0);
  const unlock = (thread: Task, at: number) => op(thread, at, UNLOCK_PI).result;
  const threads = (...priorities: number[]) =>
    priorities.map((priority) => {
      const thread = k.thread(task);
      setPriority(thread, priority);
      return thread;
    });
  return { k, task, word, op, lock, unlock, threads, value: (at: number) => task.mm.readU32(at) as number };
}

function setPriority(task: Task, priority: number): void {
  Object.assign(task.get(scheduling), { policy: priority > 0 ? SCHED.FIFO : SCHED.OTHER, realTime: priority });
}

for (const discard of [false, true]) {
  describe(discard ? "locks, generators discarded" : "locks with priority inheritance", () => {
    test("the most urgent waiter is next, and the holder is as urgent meanwhile", () => {
      const { k, word, lock, unlock, threads, value } = boot(discard);
      const a = word(0);
      const [owner, low, high] = threads(0, 10, 50) as [Task, Task, Task];
      assert.equal(lock(owner, a).result, 0);
      const second = lock(low, a);
      assert.equal(effectivePriority(owner), 99 - 10);
      const first = lock(high, a);
      assert.equal(effectivePriority(owner), 99 - 50);
      assert.equal(value(a), (WAITERS | owner.tid) >>> 0);
      assert.equal(unlock(owner, a), 0);
      assert.equal(effectivePriority(owner), FAIR);
      assert.deepEqual([first.result, second.result], [0, undefined]);
      assert.equal(unlock(high, a), 0);
      assert.equal(second.result, 0);
      assert.equal(unlock(low, a), 0);
      assert.equal(value(a), 0);
      k.assertIdle();
    });

    test("a chain of holders inherits, and loses it when the waiter gives up", () => {
      const { k, word, lock, unlock, op, threads } = boot(discard);
      const [one, two, three, urgent] = threads(0, 0, 5, 90) as [Task, Task, Task, Task];
      const [a, b, c] = [word(0), word(1), word(2)];
      lock(one, a);
      lock(two, b);
      lock(three, c);
      lock(two, a);
      lock(three, b);
      assert.deepEqual([one, two, three].map(effectivePriority), [94, 94, 94]);
      const time = k.reserve(one, timespec.size);
      one.mm.writeStruct(time, timespec, { seconds: k.clock.realtime().seconds + 1, nanoseconds: 0 });
      const last = op(urgent, c, LOCK_PI, 0, time);
      assert.deepEqual([one, two, three].map(effectivePriority), [9, 9, 9]);
      assert.equal(lock(one, c).result, "EDEADLK");
      k.advance(1e9);
      assert.equal(last.result, "ETIMEDOUT");
      assert.deepEqual([one, two, three].map(effectivePriority), [94, 94, 94]);
      assert.equal(unlock(one, a), 0);
      assert.deepEqual([one, two, three].map(effectivePriority), [FAIR, 94, 94]);
      unlock(two, a);
      unlock(two, b);
      assert.deepEqual([one, two, three].map(effectivePriority), [FAIR, FAIR, 94]);
    });

    test("a priority that changes while its task waits moves it", () => {
      const { word, lock, unlock, threads } = boot(discard);
      const a = word(0);
      const [owner, first, second] = threads(0, 0, 0) as [Task, Task, Task];
      lock(owner, a);
      const early = lock(first, a);
      const late = lock(second, a);
      setPriority(second, 30);
      priorityChanged(second);
      assert.equal(effectivePriority(owner), 99 - 30);
      unlock(owner, a);
      assert.deepEqual([early.result, late.result], [undefined, 0]);
    });

    test("the heir of a dead holder has it marked in the word", () => {
      const { k, word, lock, op, threads, value } = boot(discard);
      const a = word(0);
      const [owner, heir, other] = threads(0, 0, 0) as [Task, Task, Task];
      lock(owner, a);
      const waiting = lock(heir, a);
      const behind = lock(other, a);
      k.kernel.exitTask(owner, 0);
      k.settle();
      assert.deepEqual([waiting.result, behind.result], [0, undefined]);
      assert.equal(value(a), (WAITERS | OWNER_DIED | heir.tid) >>> 0);
      assert.equal(op(owner.process.tasks.values().next().value as Task, a, TRYLOCK_PI).result, "EAGAIN");
    });

    test("an heir that dies before it runs passes the lock on", () => {
      const { k, word, lock, threads, value } = boot(discard);
      const a = word(0);
      const [owner, heir, other] = threads(0, 0, 0) as [Task, Task, Task];
      lock(owner, a);
      lock(heir, a);
      const behind = lock(other, a);
      k.kernel.exitTask(owner, 0);
      k.kernel.exitTask(heir, 0);
      k.settle();
      assert.equal(behind.result, 0);
      assert.equal(value(a), (WAITERS | OWNER_DIED | other.tid) >>> 0);
    });

    test("a condition's waiters are moved to the lock in order of priority", () => {
      const { k, task, word, op, unlock, lock, threads } = boot(discard);
      const [condition, mutex] = [word(0), word(1)];
      const sleepers = threads(0, 20, 10);
      const calls = sleepers.map((thread) => op(thread, condition, WAIT_REQUEUE_PI, 0, 0, mutex));
      lock(task, mutex);
      assert.equal(op(task, condition, CMP_REQUEUE_PI, 1, 9, mutex, 0).result, 3);
      assert.equal(effectivePriority(task), 99 - 20);
      const results = () => calls.map(({ result }) => result);
      assert.equal(unlock(task, mutex), 0);
      assert.deepEqual(results(), [undefined, 0, undefined]);
      unlock(sleepers[1]!, mutex);
      assert.deepEqual(results(), [undefined, 0, 0]);
      unlock(sleepers[2]!, mutex);
      assert.deepEqual(results(), [0, 0, 0]);
      k.assertIdle();
    });
  });
}
