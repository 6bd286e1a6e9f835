import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FUTEX } from "../../abi/futex.ts";
import { timespec } from "../../abi/riscv64/time.ts";
import { TestKernel } from "../../host/test/index.ts";
import { posixFutex } from "./index.ts";

const { WAIT, WAKE, WAIT_BITSET, PRIVATE_FLAG, CLOCK_REALTIME } = FUTEX;
const UNMAPPED = 0x9_0000;

function boot() {
  const k = new TestKernel([posixFutex]);
  const task = k.process();
  const word = k.bytes(task, new Uint8Array([7, 0, 0, 0, 0, 0, 0, 0]));
  return { k, task, word };
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

test("a robust list has one size of head", () => {
  const { k, task, word } = boot();
  assert.equal(k.call(task, "set_robust_list", word, 16), "EINVAL");
  assert.equal(k.call(task, "set_robust_list", word, 24), 0);
  const at = k.reserve(task, 16);
  assert.equal(k.call(task, "get_robust_list", 0, at, at + 8), 0);
  assert.deepEqual([task.mm.readU64(at), task.mm.readU64(at + 8)], [word, 24]);
});
