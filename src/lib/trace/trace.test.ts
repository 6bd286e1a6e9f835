import assert from "node:assert/strict";
import { test } from "node:test";
import { timespec } from "../../abi/riscv64/time.ts";
import { SIG } from "../../abi/signal.ts";
import { TestKernel } from "../../host/test/index.ts";
import { posixSignal, postSignal } from "../posix-signal/index.ts";
import { posixTime } from "../posix-time/index.ts";
import { trace } from "./index.ts";

function boot() {
  const lines: string[] = [];
  const k = new TestKernel([posixSignal, posixTime, trace((line) => lines.push(line))]);
  return { k, lines, task: k.process() };
}

test("a call prints its arguments and result, results in column 40", () => {
  const { k, task, lines } = boot();
  k.call(task, "getpid");
  k.call(task, "setuid", -1);
  assert.deepEqual(lines, [
    "getpid()                                = 1",
    "setuid(-1)                              = -1 EINVAL (Invalid argument)",
  ]);
});

test("what a call fills in is printed if it succeeded", () => {
  const { k, task, lines } = boot();
  const at = k.reserve(task, timespec.size);
  k.call(task, "clock_getres", 1, at);
  k.call(task, "clock_getres", 10, at);
  assert.equal(lines[0], "clock_getres(CLOCK_MONOTONIC, {tv_sec=0, tv_nsec=1}) = 0");
  assert.match(lines[1]!, /^clock_getres\(0xa, 0x[0-9a-f]+\) += -1 EINVAL \(Invalid argument\)$/);
});

test("an unknown call shows what it was given", () => {
  const { k, task, lines } = boot();
  k.call(task, "clone", 0x11, 0, 0, 0, 0, 0);
  assert.equal(lines[0], "clone(0x11, 0x0, 0x0, 0x0, 0x0, 0x0)    = -1 ENOSYS (Function not implemented)");
});

test("signals and ends have lines of their own", () => {
  const { k, task, lines } = boot();
  const time = k.reserve(task, timespec.size);
  task.mm.writeStruct(time, timespec, { seconds: 1, nanoseconds: 0 });
  k.start(task, "nanosleep", time, 0);
  postSignal(task.process, { signo: SIG.TERM });
  k.settle();
  assert.deepEqual(lines, [
    "nanosleep({tv_sec=1, tv_nsec=0}, NULL)  = ? ERESTART_RESTARTBLOCK (Interrupted by signal)",
    "--- SIGTERM {si_signo=SIGTERM, si_code=SI_KERNEL} ---",
    "+++ killed by SIGTERM +++",
  ]);
});

test("exit_group does not come back", () => {
  const { k, task, lines } = boot();
  k.start(task, "exit_group", 3);
  assert.deepEqual(lines, ["exit_group(3)                           = ?", "+++ exited with 3 +++"]);
});
