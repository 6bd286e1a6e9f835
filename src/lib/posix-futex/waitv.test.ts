import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FUTEX, FUTEX2 } from "../../abi/futex.ts";
import { futexWaitv } from "../../abi/riscv64/futex-waitv.ts";
import { timespec } from "../../abi/riscv64/time.ts";
import { CLOCK } from "../../abi/time.ts";
import { TestKernel } from "../../host/test/index.ts";
import { posixFutex } from "./index.ts";

const OWN = FUTEX2.SIZE_U32 | FUTEX2.PRIVATE;

function boot(discardGenerators: boolean) {
  const k = new TestKernel([posixFutex], { options: { discardGenerators } });
  const task = k.process();
  const words = k.reserve(task, 64);
  const list = k.reserve(task, 4 * futexWaitv.size);
  const word = (i: number) => words + 4 * i;
  for (let i = 0; i < 4; i++) {
    const entry = { value: 0, address: word(i), flags: OWN, reserved: 0 };
    task.mm.writeStruct(list + i * futexWaitv.size, futexWaitv, entry);
  }
  const wake = (i: number) => k.call(task, "futex", word(i), FUTEX.WAKE | FUTEX.PRIVATE_FLAG, 9);
  return { k, task, list, word, wake };
}

for (const discard of [false, true]) {
  describe(discard ? "futex_waitv, generators discarded" : "futex_waitv", () => {
    test("tells which word was woken, and waits on none any more", () => {
      const { k, task, list, wake } = boot(discard);
      const call = k.start(k.thread(task), "futex_waitv", list, 4, 0, 0, 0);
      assert.equal(wake(2), 1);
      assert.equal(call.result, 2);
      assert.deepEqual([0, 1, 2, 3].map(wake), [0, 0, 0, 0]);
      k.assertIdle();
    });

    test("waits on none if one word has changed, and gives up in time", () => {
      const { k, task, list, word, wake } = boot(discard);
      task.mm.writeU32(word(3), 1);
      assert.equal(k.call(task, "futex_waitv", list, 4, 0, 0, 0), "EAGAIN");
      assert.equal(wake(0), 0);
      const time = k.reserve(task, timespec.size);
      task.mm.writeStruct(time, timespec, { seconds: 5, nanoseconds: 0 });
      const call = k.start(k.thread(task), "futex_waitv", list, 3, 0, time, CLOCK.MONOTONIC);
      k.advance(5e9);
      assert.equal(call.result, "ETIMEDOUT");
      assert.equal(wake(0), 0);
      k.assertIdle();
    });

    test("futex_requeue moves, futex_wake wakes, futex_wait compares", () => {
      const { k, task, list, word } = boot(discard);
      const calls = [0, 1].map(() =>
        k.start(k.thread(task), "futex_wait", word(0), 0, 0xffff_ffff, OWN, 0, CLOCK.MONOTONIC),
      );
      assert.equal(k.call(task, "futex_requeue", list, 0, 0, 1), 1);
      assert.equal(k.call(task, "futex_wake", word(1), 1, 0, OWN), 0);
      assert.equal(k.call(task, "futex_wake", word(1), 1, 5, OWN), 1);
      assert.deepEqual(
        calls.map(({ result }) => result),
        [0, undefined],
      );
      assert.equal(k.call(task, "futex_wait", word(0), 1, 1, OWN, 0, CLOCK.MONOTONIC), "EAGAIN");
      assert.equal(k.call(task, "futex_wait", word(0), 0, 1, FUTEX2.PRIVATE, 0, CLOCK.MONOTONIC), "EINVAL");
    });
  });
}
