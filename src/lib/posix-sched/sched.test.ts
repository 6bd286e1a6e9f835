import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PRIO } from "../../abi/resource.ts";
import { SCHED } from "../../abi/sched.ts";
import { TestKernel } from "../../host/test/index.ts";
import { posixSched } from "./index.ts";

function boot() {
  const k = new TestKernel([posixSched]);
  return { k, task: k.process() };
}

test("there is one processor", () => {
  const { k, task } = boot();
  const mask = k.bytes(task, new Uint8Array(8).fill(0xff));
  assert.equal(k.call(task, "sched_getaffinity", 0, 8, mask), 8);
  assert.equal(task.mm.readU64(mask), 1);
  assert.equal(k.call(task, "sched_getaffinity", 0, 7, mask), "EINVAL");
  assert.equal(k.call(task, "sched_setaffinity", 0, 8, mask), 0);
  task.mm.writeU64(mask, 2);
  assert.equal(k.call(task, "sched_setaffinity", 0, 8, mask), "EINVAL");
  assert.equal(k.call(task, "sched_setaffinity", 99, 8, mask), "ESRCH");
  assert.equal(k.call(task, "sched_yield"), 0);
});

describe("policies", () => {
  const cases = [
    { policy: SCHED.BATCH, priority: 0, want: 0 },
    { policy: SCHED.OTHER | SCHED.RESET_ON_FORK, priority: 0, want: 0 },
    { policy: SCHED.OTHER, priority: 1, want: "EINVAL" },
    { policy: SCHED.FIFO, priority: 0, want: "EINVAL" },
    { policy: SCHED.FIFO, priority: 1, want: 0 },
    { policy: SCHED.DEADLINE, priority: 0, want: "EINVAL" },
    { policy: 99, priority: 0, want: "EINVAL" },
  ] as const;
  for (const { policy, priority, want } of cases) {
    test(`${policy} with priority ${priority}`, () => {
      const { k, task } = boot();
      const param = k.bytes(task, new Uint8Array(new Int32Array([priority]).buffer));
      assert.equal(k.call(task, "sched_setscheduler", 0, policy, param), want);
      assert.equal(k.call(task, "sched_getscheduler", 0), want === 0 ? policy : SCHED.OTHER);
    });
  }

  test("have bounds", () => {
    const { k, task } = boot();
    assert.equal(k.call(task, "sched_get_priority_max", SCHED.FIFO), 99);
    assert.equal(k.call(task, "sched_get_priority_min", SCHED.RR), 1);
    assert.equal(k.call(task, "sched_get_priority_max", SCHED.OTHER), 0);
    assert.equal(k.call(task, "sched_get_priority_max", 4), "EINVAL");
  });
});

test("nice values are kept, within their bounds", () => {
  const { k, task } = boot();
  assert.equal(k.call(task, "getpriority", PRIO.PROCESS, 0), 20);
  assert.equal(k.call(task, "setpriority", PRIO.PROCESS, 0, 99), 0);
  assert.equal(k.call(task, "getpriority", PRIO.PROCESS, 0), 1);
  assert.equal(k.call(task, "setpriority", PRIO.USER, 0, -5), 0);
  assert.equal(k.call(task, "getpriority", PRIO.PGRP, 0), 25);
  assert.equal(k.call(task, "getpriority", 3, 0), "EINVAL");
  assert.equal(k.call(task, "getpriority", PRIO.PROCESS, 99), "ESRCH");
});
