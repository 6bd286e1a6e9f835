import assert from "node:assert/strict";
import { test } from "node:test";
import { signalfdSiginfo } from "../../abi/riscv64/siginfo.ts";
import { SIG, SIG_HOW } from "../../abi/signal.ts";
import { SignalSet, sigset } from "../../abi/signal-set.ts";
import { TestKernel } from "../../host/test/index.ts";
import { posixFdio } from "../posix-fdio/index.ts";
import { postSignal } from "../posix-signal/index.ts";
import { posixSignalfd } from "./index.ts";

function boot() {
  const k = new TestKernel([posixSignalfd, posixFdio]);
  const task = k.process();
  const mask = k.reserve(task, 8);
  task.mm.writeStruct(mask, sigset, SignalSet.of(SIG.USR1, SIG.USR2));
  k.call(task, "rt_sigprocmask", SIG_HOW.BLOCK, mask, 0, 8);
  return { k, task, mask };
}

test("signalfd4: a reader sleeps until a signal arrives, and learns who sent it", () => {
  const { k, task, mask } = boot();
  const fd = k.call(task, "signalfd4", -1, mask, 8, 0) as number;
  const at = k.reserve(task, 256);
  const reading = k.start(task, "read", fd, at, 256);
  assert.equal(reading.result, undefined);
  postSignal(task.process, { kind: "queue", signo: SIG.USR2, code: -1, pid: 7, uid: 8, value: 9n });
  k.settle();
  assert.equal(reading.result, 128);
  const info = task.mm.readStruct(at, signalfdSiginfo);
  assert.ok("signo" in info);
  assert.deepEqual([info.signo, info.pid, info.uid, info.int, info.ptr], [SIG.USR2, 7, 8, 9, 9n]);
  k.assertIdle();
});

test("signalfd4: several signals are read at once, without a signal it would block", () => {
  const { k, task, mask } = boot();
  const fd = k.call(task, "signalfd4", -1, mask, 8, 0x800) as number;
  const at = k.reserve(task, 256);
  assert.equal(k.call(task, "read", fd, at, 256), "EAGAIN");
  k.call(task, "kill", task.process.pid, SIG.USR1);
  k.call(task, "kill", task.process.pid, SIG.USR2);
  assert.equal(k.call(task, "read", fd, at, 127), "EINVAL");
  assert.equal(k.call(task, "read", fd, at, 256), 256);
});

test("signalfd4: refuses unknown flags, other sizes and other files", () => {
  const { k, task, mask } = boot();
  assert.equal(k.call(task, "signalfd4", -1, mask, 8, 1), "EINVAL");
  assert.equal(k.call(task, "signalfd4", -1, mask, 4, 0), "EINVAL");
  assert.equal(k.call(task, "signalfd4", 99, mask, 8, 0), "EBADF");
  assert.equal(k.call(task, "signalfd4", 0, mask, 8, 0), "EINVAL");
});
