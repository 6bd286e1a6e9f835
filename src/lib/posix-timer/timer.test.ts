import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sigaction } from "../../abi/riscv64/sigframe.ts";
import { type SigInfo, sigevent, siginfo } from "../../abi/riscv64/siginfo.ts";
import { type Itimerspec, type Itimerval, itimerspec, itimerval } from "../../abi/riscv64/time.ts";
import { SIG, SIG_HOW, SIGEV } from "../../abi/signal.ts";
import { SignalSet, sigset } from "../../abi/signal-set.ts";
import { CLOCK, ITIMER } from "../../abi/time.ts";
import { TestKernel } from "../../host/test/index.ts";
import type { Task } from "../../kernel/task.ts";
import { posixTimer } from "./index.ts";

const SIZE = 8;

function boot() {
  const k = new TestKernel([posixTimer]);
  const task = k.process();
  // Signals are taken by rt_sigtimedwait, so that no handler is needed.
  const all = k.reserve(task, 8);
  task.mm.writeStruct(all, sigset, SignalSet.of(SIG.ALRM, SIG.USR1));
  k.call(task, "rt_sigprocmask", SIG_HOW.BLOCK, all, 0, SIZE);
  const now = k.reserve(task, 16);
  const infoAt = k.reserve(task, siginfo.size);
  const take = (): SigInfo | undefined => {
    const signo = k.call(task, "rt_sigtimedwait", all, infoAt, now, SIZE);
    return typeof signo === "string" ? undefined : (task.mm.readStruct(infoAt, siginfo) as SigInfo);
  };
  return { k, task, take };
}

const ms = (n: number) => ({ seconds: 0, microseconds: n * 1000 });
const spec = (n: number) => ({ seconds: 0, nanoseconds: n * 1e6 });

function setTimer(k: TestKernel, task: Task, value: number, interval: number) {
  const at = k.reserve(task, itimerval.size);
  task.mm.writeStruct(at, itimerval, { value: ms(value), interval: ms(interval) });
  return k.call(task, "setitimer", ITIMER.REAL, at, 0);
}

describe("setitimer", () => {
  test("fires once, and then reads zero", () => {
    const { k, task, take } = boot();
    setTimer(k, task, 100, 0);
    const at = k.reserve(task, itimerval.size);
    k.advance(40e6);
    k.call(task, "getitimer", ITIMER.REAL, at);
    assert.deepEqual((task.mm.readStruct(at, itimerval) as Itimerval).value, ms(60));
    assert.equal(take(), undefined);
    k.advance(60e6);
    assert.equal(take()?.signo, SIG.ALRM);
    k.call(task, "getitimer", ITIMER.REAL, at);
    assert.deepEqual((task.mm.readStruct(at, itimerval) as Itimerval).value, ms(0));
    k.assertIdle();
  });

  test("goes on at its multiples when its signal was taken late", () => {
    const { k, task, take } = boot();
    setTimer(k, task, 100, 100);
    k.advance(350e6);
    assert.equal(take()?.signo, SIG.ALRM);
    assert.equal(take(), undefined);
    k.advance(49e6);
    assert.equal(take(), undefined);
    k.advance(1e6);
    assert.equal(take()?.signo, SIG.ALRM);
    assert.equal(setTimer(k, task, 0, 0), 0);
    k.assertIdle();
  });

  test("refuses what is no time", () => {
    const { k, task } = boot();
    const at = k.reserve(task, itimerval.size);
    task.mm.writeStruct(at, itimerval, { value: { seconds: 0, microseconds: 1e6 }, interval: ms(0) });
    assert.equal(k.call(task, "setitimer", ITIMER.REAL, at, 0), "EINVAL");
    assert.equal(k.call(task, "getitimer", 3, at), "EINVAL");
  });
});

describe("timer_create", () => {
  function create(k: TestKernel, task: Task, notify: number, signo: number): number | string {
    const event = k.reserve(task, sigevent.size);
    task.mm.writeStruct(event, sigevent, { value: 0x1234n, signo, notify, tid: task.tid, pad: [] });
    const id = k.reserve(task, 4);
    const answer = k.call(task, "timer_create", CLOCK.MONOTONIC, event, id);
    return answer === 0 ? (task.mm.readU32(id) as number) : answer;
  }

  function set(k: TestKernel, task: Task, id: number | string, value: number, interval: number) {
    const at = k.reserve(task, itimerspec.size);
    task.mm.writeStruct(at, itimerspec, { value: spec(value), interval: spec(interval) });
    return k.call(task, "timer_settime", id as number, 0, at, 0);
  }

  test("tells its id, its value and how often it was missed", () => {
    const { k, task, take } = boot();
    const id = create(k, task, SIGEV.SIGNAL, SIG.USR1);
    assert.equal(set(k, task, id, 10, 10), 0);
    k.advance(45e6);
    const info = take();
    assert.ok(info?.kind === "timer");
    assert.deepEqual([info.timer, info.value, info.overrun], [id, 0x1234n, 3]);
    assert.equal(k.call(task, "timer_getoverrun", id as number), 3);
    k.advance(5e6);
    assert.equal(take()?.signo, SIG.USR1);
    assert.equal(k.call(task, "timer_getoverrun", id as number), 0);
    assert.equal(k.call(task, "timer_delete", id as number), 0);
    assert.equal(k.call(task, "timer_delete", id as number), "EINVAL");
    k.assertIdle();
  });

  test("with SIGEV_NONE is read, and sends nothing", () => {
    const { k, task, take } = boot();
    const id = create(k, task, SIGEV.NONE, 0);
    set(k, task, id, 10, 0);
    const at = k.reserve(task, itimerspec.size);
    k.advance(4e6);
    k.call(task, "timer_gettime", id as number, at);
    assert.deepEqual((task.mm.readStruct(at, itimerspec) as Itimerspec).value, spec(6));
    k.advance(6e6);
    assert.equal(take(), undefined);
  });

  test("refuses what cannot be notified", () => {
    const { k, task } = boot();
    assert.equal(create(k, task, SIGEV.SIGNAL, 65), "EINVAL");
    assert.equal(create(k, task, 3, SIG.USR1), "EINVAL");
    assert.equal(k.call(task, "timer_create", CLOCK.REALTIME_COARSE, 0, 0), "EOPNOTSUPP");
    assert.equal(set(k, task, 77, 1, 1), "EINVAL");
  });

  test("a handler interrupts what sleeps", () => {
    const { k, task } = boot();
    const act = k.reserve(task, sigaction.size);
    const stack = k.map(task, 0x4000);
    task.setX(2, BigInt(stack + 0x4000));
    task.mm.writeStruct(act, sigaction, { handler: 0x5_0000n, flags: 0n, mask: SignalSet.EMPTY });
    k.call(task, "rt_sigaction", SIG.USR1, act, 0, SIZE);
    const none = k.reserve(task, 8);
    k.call(task, "rt_sigprocmask", SIG_HOW.SETMASK, none, 0, SIZE);
    set(k, task, create(k, task, SIGEV.THREAD_ID, SIG.USR1), 10, 0);
    const sleep = k.start(task, "rt_sigsuspend", none, SIZE);
    k.advance(10e6);
    assert.equal(sleep.diverted, true);
  });
});
