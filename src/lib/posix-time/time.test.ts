import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { timespec, timex } from "../../abi/riscv64/time.ts";
import { CLOCK, TIMER } from "../../abi/time.ts";
import type { Timespec } from "../../abi/types.ts";
import { TestKernel } from "../../host/test/index.ts";
import type { Task } from "../../kernel/task.ts";
import { posixTime } from "./index.ts";

function boot(discardGenerators = false) {
  const k = new TestKernel([posixTime], { options: { discardGenerators } });
  const task = k.process();
  const time = (seconds: number, nanoseconds = 0) => {
    const at = k.reserve(task, timespec.size);
    task.mm.writeStruct(at, timespec, { seconds, nanoseconds });
    return at;
  };
  return { k, task, time };
}

function read(k: TestKernel, task: Task, clock: number): Timespec {
  const at = k.reserve(task, timespec.size);
  assert.equal(k.call(task, "clock_gettime", clock, at), 0);
  return task.mm.readStruct(at, timespec) as Timespec;
}

describe("clocks", () => {
  test("advance together, the wall clock from elsewhere", () => {
    const { k, task } = boot();
    const wall = read(k, task, CLOCK.REALTIME);
    const since = read(k, task, CLOCK.MONOTONIC);
    k.advance(1.5e9);
    const later = read(k, task, CLOCK.MONOTONIC);
    const ns = (later.seconds - since.seconds) * 1e9 + later.nanoseconds - since.nanoseconds;
    assert.equal(ns, 1.5e9);
    const after = read(k, task, CLOCK.REALTIME);
    assert.equal((after.seconds - wall.seconds) * 1e9 + after.nanoseconds - wall.nanoseconds, 1.5e9);
    assert.ok(read(k, task, CLOCK.PROCESS_CPUTIME_ID).seconds === 0);
  });

  const refusals = [
    { what: "clock 10", call: ["clock_gettime", 10, 0x1_0000], want: "EINVAL" },
    { what: "clock 99", call: ["clock_getres", 99, 0], want: "EINVAL" },
    { what: "nobody's processor time", call: ["clock_gettime", (~99 << 3) | 2, 0], want: "EINVAL" },
    { what: "a bad place", call: ["clock_gettime", 0, 8], want: "EFAULT" },
    { what: "setting a clock that runs by itself", call: ["clock_settime", CLOCK.MONOTONIC, 8], want: "EINVAL" },
    {
      what: "sleeping by a coarse clock",
      call: ["clock_nanosleep", CLOCK.REALTIME_COARSE, 0, 8, 0],
      want: "EOPNOTSUPP",
    },
  ] as const;
  for (const { what, call, want } of refusals) {
    test(`refuse ${what}`, () => {
      const { k, task } = boot();
      const [name, ...args] = call;
      assert.equal(k.call(task, name, ...args), want);
    });
  }

  test("nobody may set the wall clock", () => {
    const { k, task, time } = boot();
    assert.equal(k.call(task, "clock_settime", CLOCK.REALTIME, time(5)), "EPERM");
    assert.equal(k.call(task, "clock_settime", CLOCK.REALTIME, time(5, 1e9)), "EINVAL");
  });

  test("adjtimex reads an undisciplined clock, and changes nothing", () => {
    const { k, task } = boot();
    const at = k.reserve(task, timex.size);
    assert.equal(k.call(task, "adjtimex", at), 5);
    task.mm.writeU32(at, 1);
    assert.equal(k.call(task, "adjtimex", at), "EPERM");
  });
});

for (const discard of [false, true]) {
  describe(discard ? "sleeping, generators thrown away" : "sleeping", () => {
    test("lasts as long as was asked", () => {
      const { k, task, time } = boot(discard);
      const call = k.start(task, "nanosleep", time(2, 5), 0);
      k.advance(2e9 + 4);
      assert.equal(call.result, undefined);
      k.advance(1);
      assert.equal(call.result, 0);
      k.assertIdle();
    });

    test("until an instant of the wall clock", () => {
      const { k, task, time } = boot(discard);
      const { seconds, nanoseconds } = read(k, task, CLOCK.REALTIME);
      const call = k.start(task, "clock_nanosleep", CLOCK.REALTIME, TIMER.ABSTIME, time(seconds + 3, nanoseconds), 0);
      k.advance(3e9 - 1);
      assert.equal(call.result, undefined);
      k.advance(1);
      assert.equal(call.result, 0);
    });

    test("until an instant that has passed is no sleep", () => {
      const { k, task, time } = boot(discard);
      assert.equal(k.call(task, "clock_nanosleep", CLOCK.MONOTONIC, TIMER.ABSTIME, time(0), 0), 0);
    });
  });
}
