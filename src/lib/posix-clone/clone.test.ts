import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CLONE } from "../../abi/clone.ts";
import { SIG } from "../../abi/signal.ts";
import type { Tid } from "../../abi/types.ts";
import { W } from "../../abi/wait.ts";
import { TestKernel } from "../../host/test/index.ts";
import { posixClone } from "./index.ts";

function boot() {
  const k = new TestKernel([posixClone]);
  return { k, task: k.process() };
}

describe("clone", () => {
  test("refuses what makes no sense, and what nobody provides", () => {
    const { k, task } = boot();
    const call = (flags: number) => k.call(task, "clone", flags, 0, 0, 0, 0);
    assert.equal(call(CLONE.THREAD), "EINVAL");
    assert.equal(call(CLONE.SIGHAND), "EINVAL");
    assert.equal(call(CLONE.PARENT), "EINVAL");
    assert.equal(call(CLONE.NEWPID), "EINVAL");
    assert.equal(call(CLONE.NEWNS | CLONE.FS), "EINVAL");
  });

  test("clone3 reads a struct that may grow", () => {
    const { k, task } = boot();
    const at = k.reserve(task, 128);
    assert.equal(k.call(task, "clone3", at, 56), "EINVAL");
    assert.equal(k.call(task, "clone3", at, 4097), "E2BIG");
    task.mm.writeU32(at + 96, 1);
    assert.equal(k.call(task, "clone3", at, 128), "E2BIG");
  });
});

describe("wait", () => {
  test("nobody has children", () => {
    const { k, task } = boot();
    assert.equal(k.call(task, "wait4", -1, 0, W.NOHANG, 0), "ECHILD");
    assert.equal(k.call(task, "wait4", -1, 0, 0x100, 0), "EINVAL");
    assert.equal(k.call(task, "waitid", 0, 0, 0, 0, 0), "EINVAL");
    assert.equal(k.call(task, "waitid", 0, 0, 0, W.EXITED, 0), "ECHILD");
  });

  test("a zombie stays until it was waited for", () => {
    const { k, task } = boot();
    const pid = k.call(task, "clone", SIG.CHLD, 0, 0, 0, 0);
    const child = k.kernel.tasks.get(pid as Tid)!;
    const waiting = k.start(task, "wait4", -1, 0, 0, 0);
    assert.equal(waiting.result, undefined);
    k.start(child, "exit_group", 3);
    assert.equal(waiting.result, pid);
    assert.equal(k.kernel.processOf(pid as number), undefined);
    k.assertIdle();
  });
});
