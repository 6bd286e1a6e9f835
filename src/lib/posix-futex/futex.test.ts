import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FUTEX, FUTEX_OP } from "../../abi/futex.ts";
import { timespec } from "../../abi/riscv64/time.ts";
import { SCHED } from "../../abi/sched.ts";
import { TestKernel } from "../../host/test/index.ts";
import type { Task } from "../../kernel/task.ts";
import { scheduling } from "../posix-sched/index.ts";
import { posixFutex } from "./index.ts";

const { WAIT, WAKE, WAIT_BITSET, WAKE_BITSET, REQUEUE, CMP_REQUEUE, WAKE_OP, PRIVATE_FLAG, CLOCK_REALTIME } = FUTEX;
const ANY = FUTEX.BITSET_MATCH_ANY;
const UNMAPPED = 0x9_0000;

function boot(discardGenerators = false) {
  const k = new TestKernel([posixFutex], { options: { discardGenerators } });
  const task = k.process();
  const word = k.bytes(task, new Uint8Array([7, 0, 0, 0, 0, 0, 0, 0]));
  const call = (op: number, ...rest: number[]) => k.call(task, "futex", word, op | PRIVATE_FLAG, ...rest);
  /** Threads that wait on the word, in order. */
  const sleepers = (count: number, prepare: (thread: Task, index: number) => void = () => {}, bits: number = ANY) => {
    return Array.from({ length: count }, (_, i) => {
      const thread = k.thread(task);
      prepare(thread, i);
      return k.start(thread, "futex", word, WAIT_BITSET | PRIVATE_FLAG, 7, 0, 0, bits);
    });
  };
  const time = (seconds: number, nanoseconds = 0) => {
    const at = k.reserve(task, timespec.size);
    task.mm.writeStruct(at, timespec, { seconds, nanoseconds });
    return at;
  };
  return { k, task, word, call, sleepers, time };
}

/** Makes a task real-time, as sched_setscheduler(2) would. */
function makeRealTime(task: Task, priority: number): void {
  Object.assign(task.get(scheduling), { policy: SCHED.FIFO, realTime: priority });
}

for (const discard of [false, true]) {
  describe(discard ? "futex, generators discarded" : "futex, asleep", () => {
    test("wakes as many as asked, the longest sleeper first", () => {
      const { k, call, sleepers } = boot(discard);
      const calls = sleepers(3);
      assert.equal(call(WAKE, 2), 2);
      assert.deepEqual(
        calls.map(({ result }) => result),
        [0, 0, undefined],
      );
      assert.equal(call(WAKE, 2), 1);
      assert.equal(call(WAKE, 2), 0);
      k.assertIdle();
    });

    test("wakes the most urgent first", () => {
      const { call, sleepers } = boot(discard);
      const calls = sleepers(4, (thread, i) => {
        if (i % 2 === 1) makeRealTime(thread, 10 * i);
      });
      const order: number[] = [];
      for (let i = 0; i < 4; i++) {
        call(WAKE, 1);
        order.push(calls.findIndex(({ result }, at) => result === 0 && !order.includes(at)));
      }
      assert.deepEqual(order, [3, 1, 0, 2]);
    });

    test("wakes only those that share a bit", () => {
      const { call, sleepers } = boot(discard);
      const [one] = sleepers(1, undefined, 1);
      const [two] = sleepers(1, undefined, 2);
      assert.equal(call(WAKE_BITSET, 9, 0, 0, 2), 1);
      assert.deepEqual([one!.result, two!.result], [undefined, 0]);
    });

    test("moves what it does not wake", () => {
      const { task, word, call, sleepers, k } = boot(discard);
      const calls = sleepers(4);
      assert.equal(call(CMP_REQUEUE, 1, 2, word + 4, 8), "EAGAIN");
      assert.equal(call(CMP_REQUEUE, 1, 2, word + 4, 7), 3);
      assert.equal(k.call(task, "futex", word + 4, WAKE | PRIVATE_FLAG, 9), 2);
      assert.deepEqual(
        calls.map(({ result }) => result),
        [0, 0, 0, undefined],
      );
      assert.equal(call(REQUEUE, 0, 9, word, 0), 1);
      assert.equal(call(WAKE, 9), 1);
      k.assertIdle();
    });

    test("WAKE_OP changes the second word and wakes there if that held what was asked", () => {
      const { task, word, call, sleepers, k } = boot(discard);
      const [first] = sleepers(1);
      const second = k.start(k.thread(task), "futex", word + 4, WAIT | PRIVATE_FLAG, 0, 0);
      const addIfZero = (FUTEX_OP.ADD << 28) | (3 << 12);
      assert.equal(call(WAKE_OP, 1, 1, word + 4, addIfZero), 2);
      assert.equal(task.mm.readU32(word + 4), 3);
      assert.deepEqual([first!.result, second.result], [0, 0]);
      assert.equal(call(WAKE_OP, 1, 1, word + 4, addIfZero), 0);
    });

    test("a deadline of the wall clock follows that clock", () => {
      const { k, task, word, time } = boot(discard);
      const { seconds } = k.clock.realtime();
      const op = WAIT_BITSET | PRIVATE_FLAG | CLOCK_REALTIME;
      const call = k.start(task, "futex", word, op, 7, time(seconds + 60), 0, ANY);
      k.clock.stepRealtime(-30);
      k.advance(60e9);
      assert.equal(call.result, undefined);
      k.clock.stepRealtime(29);
      k.advance(10e9);
      assert.equal(call.result, "ETIMEDOUT");
      k.assertIdle();
    });

    test("who ends while it waits takes no wake", () => {
      const { k, task, word, call, sleepers } = boot(discard);
      const thread = k.thread(task);
      k.start(thread, "futex", word, WAIT | PRIVATE_FLAG, 7, 0);
      const [other] = sleepers(1);
      k.kernel.exitTask(thread, 0);
      assert.equal(call(WAKE, 1), 1);
      assert.equal(other!.result, 0);
    });
  });
}

describe("futex", () => {
  test("a timed wait ends with ETIMEDOUT", () => {
    const { k, task, word } = boot();
    const time = k.reserve(task, timespec.size);
    task.mm.writeStruct(time, timespec, { seconds: 1, nanoseconds: 0 });
    const call = k.start(task, "futex", word, WAIT | PRIVATE_FLAG, 7, time);
    k.advance(1e9 - 1);
    assert.equal(call.result, undefined);
    k.advance(1);
    assert.equal(call.result, "ETIMEDOUT");
    k.assertIdle();
  });

  // Answers of Linux 6.18.
  const refusals = [
    { what: "a changed word", at: "word", call: [WAIT, 8], private: "EAGAIN", shared: "EAGAIN" },
    { what: "a misaligned word", at: "odd", call: [WAKE, 1], private: "EINVAL", shared: "EINVAL" },
    { what: "waiting on an unmapped word", at: "unmapped", call: [WAIT, 7], private: "EFAULT", shared: "EFAULT" },
    { what: "waking an unmapped word", at: "unmapped", call: [WAKE, 1], private: 0, shared: "EFAULT" },
    { what: "waking nobody", at: "word", call: [WAKE, 1], private: 0, shared: 0 },
    { what: "an empty bitset", at: "word", call: [WAIT_BITSET, 7, 0, 0, 0], private: "EINVAL", shared: "EINVAL" },
    {
      what: "WAIT on the wall clock",
      at: "word",
      call: [WAIT | CLOCK_REALTIME, 8],
      private: "ENOSYS",
      shared: "ENOSYS",
    },
    { what: "an unknown operation", at: "word", call: [99], private: "ENOSYS", shared: "ENOSYS" },
  ] as const;
  for (const { what, at, call, ...want } of refusals) {
    test(what, () => {
      const { k, task, word } = boot();
      const address = { word, odd: word + 2, unmapped: UNMAPPED }[at];
      const [op, ...rest] = call;
      const padded = [...rest, 0, 0, 0, 0].slice(0, 4);
      assert.equal(k.call(task, "futex", address, op | PRIVATE_FLAG, ...padded), want.private);
      assert.equal(k.call(task, "futex", address, op, ...padded), want.shared);
    });
  }
});
