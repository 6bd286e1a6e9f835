import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rtSigframe, sigaction } from "../../abi/riscv64/sigframe.ts";
import { type SigInfo, siginfo } from "../../abi/riscv64/siginfo.ts";
import { timespec } from "../../abi/riscv64/time.ts";
import { SA, SI, SIG, SIG_HOW, SIG_IGN } from "../../abi/signal.ts";
import { SignalSet, sigset } from "../../abi/signal-set.ts";
import type { Signo } from "../../abi/types.ts";
import { TestKernel } from "../../host/test/index.ts";
import type { Task } from "../../kernel/task.ts";
import { HART } from "../../machine/hart.ts";
import { posixTime } from "../posix-time/index.ts";
import { posixSignal, postSignal, signalMask } from "./index.ts";

const HANDLER = 0x5_0000n;
const SIZE = 8;
const RTMIN = 34 as Signo;

function boot(discardGenerators = false) {
  const k = new TestKernel([posixSignal, posixTime], { options: { discardGenerators } });
  const task = k.process();
  const stack = k.map(task, 0x1_0000);
  task.setX(2, BigInt(stack + 0x8000));
  return { k, task, sp: stack + 0x8000 };
}

function handle(k: TestKernel, task: Task, signo: number, flags = 0, mask = SignalSet.EMPTY, handler = HANDLER) {
  const at = k.reserve(task, sigaction.size);
  task.mm.writeStruct(at, sigaction, { handler, flags: BigInt(flags), mask });
  assert.equal(k.call(task, "rt_sigaction", signo, at, 0, SIZE), 0);
}

function mask(k: TestKernel, task: Task, how: number, ...signals: readonly Signo[]) {
  const at = k.reserve(task, 8);
  task.mm.writeStruct(at, sigset, SignalSet.of(...signals));
  return k.call(task, "rt_sigprocmask", how, at, 0, SIZE);
}

const frameOf = (task: Task) => {
  const frame = task.mm.readStruct(Number(task.x(2)), rtSigframe);
  assert.ok("info" in frame);
  return frame;
};

/** Leaves the handler whose frame is on the stack. */
function leave(k: TestKernel, task: Task) {
  return k.start(task, "rt_sigreturn");
}

describe("a handler", () => {
  test("finds signal, siginfo and ucontext in its arguments, and all registers in the frame", () => {
    const { k, task, sp } = boot();
    handle(k, task, SIG.USR1, SA.SIGINFO);
    task.setX(9, 0x1122_3344_5566_7788n);
    task.mm.memory.i64[HART.f / 8 + 5] = 0x400921fb54442d18n;
    task.mm.memory.u32[HART.frm / 4] = 2;
    task.mm.memory.u32[HART.fflags / 4] = 1;
    assert.equal(k.call(task, "kill", task.process.pid, SIG.USR1), "diverted");
    assert.equal(task.pc, Number(HANDLER));
    const at = Number(task.x(2));
    assert.equal(at % 16, 0);
    assert.ok(at <= sp - rtSigframe.size);
    assert.deepEqual([task.x(10), task.x(11), task.x(12)], [BigInt(SIG.USR1), BigInt(at), BigInt(at + 128)]);
    const { info, uc } = frameOf(task);
    assert.deepEqual(info, { kind: "kill", signo: SIG.USR1, errno: 0, code: SI.USER, pid: task.process.pid, uid: 0 });
    assert.equal(uc.mcontext.x[8], 0x1122_3344_5566_7788n);
    assert.equal(uc.mcontext.x[1], BigInt(sp));
    assert.equal(uc.mcontext.x[9], 0n, "kill has answered 0 before the handler runs");
    assert.equal(uc.mcontext.f[5], 0x400921fb54442d18n);
    assert.equal(uc.mcontext.fcsr, (2 << 5) | 1);
  });

  test("that returns restores what it left in the frame", () => {
    const { k, task, sp } = boot();
    handle(k, task, SIG.USR1);
    k.call(task, "kill", task.process.pid, SIG.USR1);
    const at = Number(task.x(2));
    const frame = frameOf(task);
    const x = frame.uc.mcontext.x.map((value, i) => (i === 8 ? 99n : value));
    task.mm.writeStruct(at, rtSigframe, {
      ...frame,
      uc: { ...frame.uc, mcontext: { ...frame.uc.mcontext, x, pc: 0x7_0000n } },
    });
    leave(k, task);
    assert.equal(task.pc, 0x7_0000);
    assert.equal(task.x(9), 99n);
    assert.equal(task.x(2), BigInt(sp));
  });

  test("blocks its signal and its mask until it returns", () => {
    const { k, task } = boot();
    handle(k, task, SIG.USR1, 0, SignalSet.of(SIG.USR2));
    k.call(task, "kill", task.process.pid, SIG.USR1);
    assert.deepEqual([...signalMask(task)], [SIG.USR1, SIG.USR2]);
    assert.equal(frameOf(task).uc.sigmask.isEmpty, true);
    leave(k, task);
    assert.equal(signalMask(task).isEmpty, true);
  });

  test("with SA_NODEFER can be interrupted by its own signal; with SA_RESETHAND it runs once", () => {
    const { k, task } = boot();
    handle(k, task, SIG.USR1, SA.NODEFER | SA.RESETHAND);
    k.call(task, "kill", task.process.pid, SIG.USR1);
    assert.equal(signalMask(task).isEmpty, true);
    k.call(task, "kill", task.process.pid, SIG.USR1);
    assert.deepEqual(task.process.exitStatus, { kind: "signaled", signal: SIG.USR1, core: false });
  });

  test("whose frame finds no memory gives way to SIGSEGV, which ends the process", () => {
    const { k, task } = boot();
    handle(k, task, SIG.USR1);
    task.setX(2, 0x10n);
    k.call(task, "kill", task.process.pid, SIG.USR1);
    assert.deepEqual(task.process.exitStatus, { kind: "signaled", signal: SIG.SEGV, core: false });
  });

  test("a second signal finds the first one's handler to come back to", () => {
    const { k, task } = boot();
    mask(k, task, SIG_HOW.BLOCK, SIG.USR1, SIG.USR2);
    handle(k, task, SIG.USR1, 0, SignalSet.EMPTY, 0x5_0000n);
    handle(k, task, SIG.USR2, 0, SignalSet.EMPTY, 0x6_0000n);
    k.call(task, "kill", task.process.pid, SIG.USR2);
    k.call(task, "kill", task.process.pid, SIG.USR1);
    mask(k, task, SIG_HOW.UNBLOCK, SIG.USR1, SIG.USR2);
    assert.equal(task.pc, 0x6_0000, "the frame of the lower number lies beneath");
    leave(k, task);
    assert.equal(task.pc, 0x5_0000);
  });

  test("that left garbage behind the floating-point state dies of SIGSEGV", () => {
    const { k, task } = boot();
    handle(k, task, SIG.USR1);
    k.call(task, "kill", task.process.pid, SIG.USR1);
    const frame = frameOf(task);
    const mcontext = { ...frame.uc.mcontext, reserved: 1 };
    task.mm.writeStruct(Number(task.x(2)), rtSigframe, { ...frame, uc: { ...frame.uc, mcontext } });
    leave(k, task);
    assert.deepEqual(task.process.exitStatus, { kind: "signaled", signal: SIG.SEGV, core: false });
  });
});

describe("default actions", () => {
  for (const [signo, want] of [
    [SIG.TERM, "signaled"],
    [SIG.ABRT, "signaled"],
    [40 as Signo, "signaled"],
    [SIG.CHLD, undefined],
    [SIG.WINCH, undefined],
    [SIG.CONT, undefined],
  ] as const) {
    test(`of signal ${signo}`, () => {
      const { k, task } = boot();
      k.call(task, "kill", task.process.pid, signo);
      assert.equal(task.process.exitStatus?.kind, want);
    });
  }

  test("SIGSTOP stops until SIGCONT", () => {
    const { k, task } = boot();
    const call = k.start(task, "kill", task.process.pid, SIG.STOP);
    assert.equal(call.result, undefined);
    postSignal(task.process, { signo: SIG.CONT });
    k.settle();
    assert.equal(task.process.exitStatus, undefined);
    k.assertIdle();
  });

  test("SIGKILL ends a stopped process", () => {
    const { k, task } = boot();
    k.start(task, "kill", task.process.pid, SIG.STOP);
    postSignal(task.process, { signo: SIG.KILL });
    k.settle();
    assert.deepEqual(task.process.exitStatus, { kind: "signaled", signal: SIG.KILL, core: false });
  });

  test("SIGTSTP is ignored where nobody could continue", () => {
    const { k, task } = boot();
    assert.equal(k.call(task, "kill", task.process.pid, SIG.TSTP), 0);
  });
});

describe("queues", () => {
  function send(k: TestKernel, task: Task, signo: Signo, value: bigint): number | string {
    const info: SigInfo = { kind: "queue", signo, code: SI.QUEUE, pid: 1, uid: 0, value };
    const at = k.reserve(task, siginfo.size);
    task.mm.writeStruct(at, siginfo, info);
    return k.call(task, "rt_sigqueueinfo", task.process.pid, signo, at);
  }

  function take(k: TestKernel, task: Task, ...signals: readonly Signo[]): SigInfo | string {
    const setAt = k.reserve(task, 8);
    task.mm.writeStruct(setAt, sigset, SignalSet.of(...signals));
    const infoAt = k.reserve(task, siginfo.size);
    const timeAt = k.reserve(task, timespec.size);
    const answer = k.call(task, "rt_sigtimedwait", setAt, infoAt, timeAt, SIZE);
    return typeof answer === "string" ? answer : (task.mm.readStruct(infoAt, siginfo) as SigInfo);
  }

  test("a standard signal waits once, with the first one's information", () => {
    const { k, task } = boot();
    mask(k, task, SIG_HOW.BLOCK, SIG.USR1);
    send(k, task, SIG.USR1, 1n);
    send(k, task, SIG.USR1, 2n);
    const info = take(k, task, SIG.USR1);
    assert.ok(typeof info !== "string" && info.kind === "queue" && info.value === 1n);
    assert.equal(take(k, task, SIG.USR1), "EAGAIN");
  });

  test("real-time signals wait in order, lower numbers first", () => {
    const { k, task } = boot();
    const next = (RTMIN + 1) as Signo;
    mask(k, task, SIG_HOW.BLOCK, RTMIN, next);
    send(k, task, next, 1n);
    send(k, task, RTMIN, 2n);
    send(k, task, RTMIN, 3n);
    const values = [0, 1, 2].map(() => {
      const info = take(k, task, RTMIN, next);
      return typeof info !== "string" && info.kind === "queue" ? info.value : info;
    });
    assert.deepEqual(values, [2n, 3n, 1n]);
  });

  test("RLIMIT_SIGPENDING refuses information that would be lost", () => {
    const { k, task } = boot();
    const limit = k.bytes(task, new Uint8Array(new BigUint64Array([2n, 2n]).buffer));
    k.call(task, "setrlimit", 11, limit);
    mask(k, task, SIG_HOW.BLOCK, RTMIN);
    assert.deepEqual(
      [1n, 2n, 3n].map((value) => send(k, task, RTMIN, value)),
      [0, 0, "EAGAIN"],
    );
    assert.equal(k.call(task, "kill", task.process.pid, RTMIN), 0, "kill needs no information to be kept");
  });

  test("an ignored signal is forgotten, unless it is blocked; ignoring forgets what waits", () => {
    const { k, task } = boot();
    mask(k, task, SIG_HOW.BLOCK, SIG.CHLD);
    k.call(task, "kill", task.process.pid, SIG.CHLD);
    const setAt = k.reserve(task, 8);
    k.call(task, "rt_sigpending", setAt, SIZE);
    assert.ok((task.mm.readStruct(setAt, sigset) as SignalSet).has(SIG.CHLD));
    handle(k, task, SIG.CHLD, 0, SignalSet.EMPTY, BigInt(SIG_IGN));
    k.call(task, "rt_sigpending", setAt, SIZE);
    assert.ok((task.mm.readStruct(setAt, sigset) as SignalSet).isEmpty);
  });

  test("nobody claims to be the kernel towards another", () => {
    const { k, task } = boot();
    const other = k.process();
    const at = k.reserve(task, siginfo.size);
    task.mm.writeStruct(at, siginfo, { kind: "kill", signo: SIG.USR1, code: SI.USER, pid: 1, uid: 0 });
    assert.equal(k.call(task, "rt_sigqueueinfo", other.process.pid, SIG.USR1, at), "EPERM");
  });
});

for (const discard of [false, true]) {
  describe(`interrupted calls${discard ? ", generators thrown away" : ""}`, () => {
    const sleepArguments = (k: TestKernel, task: Task, seconds: number) => {
      const at = k.reserve(task, timespec.size);
      task.mm.writeStruct(at, timespec, { seconds, nanoseconds: 0 });
      return at;
    };

    test("nanosleep answers EINTR and what is left, also with SA_RESTART", () => {
      const { k, task } = boot(discard);
      handle(k, task, SIG.USR1, SA.RESTART);
      const left = k.reserve(task, timespec.size);
      k.start(task, "nanosleep", sleepArguments(k, task, 10), left);
      k.advance(4e9);
      postSignal(task.process, { signo: SIG.USR1 });
      k.settle();
      assert.equal(task.pc, Number(HANDLER));
      assert.equal(frameOf(task).uc.mcontext.x[9], BigInt.asUintN(64, -4n));
      assert.deepEqual(task.mm.readStruct(left, timespec), { seconds: 6, nanoseconds: 0 });
    });

    test("a stop and SIGCONT do not lengthen a sleep", () => {
      const { k, task } = boot(discard);
      const call = k.start(task, "nanosleep", sleepArguments(k, task, 10), 0);
      k.advance(4e9);
      postSignal(task.process, { signo: SIG.STOP });
      k.settle();
      k.advance(3e9);
      postSignal(task.process, { signo: SIG.CONT });
      k.settle();
      k.advance(2e9);
      assert.equal(call.result, undefined);
      k.advance(1e9);
      assert.equal(call.result, 0);
      k.assertIdle();
    });

    test("sigsuspend waits with its own mask, and the handler's frame holds the old one", () => {
      const { k, task } = boot(discard);
      handle(k, task, SIG.USR1);
      mask(k, task, SIG_HOW.SETMASK, SIG.USR1);
      const at = k.reserve(task, 8);
      task.mm.writeStruct(at, sigset, SignalSet.of(SIG.USR2));
      k.start(task, "rt_sigsuspend", at, SIZE);
      postSignal(task.process, { signo: SIG.USR2 });
      k.settle();
      assert.deepEqual([...signalMask(task)], [SIG.USR2], "still asleep");
      postSignal(task.process, { signo: SIG.USR1 });
      k.settle();
      assert.equal(task.pc, Number(HANDLER));
      assert.deepEqual([...frameOf(task).uc.sigmask], [SIG.USR1]);
      leave(k, task);
      // With the old mask back, the signal that only the call had blocked ends the process.
      assert.deepEqual(task.process.exitStatus, { kind: "signaled", signal: SIG.USR2, core: false });
    });

    test("sigtimedwait takes what arrives, or times out", () => {
      const { k, task } = boot(discard);
      mask(k, task, SIG_HOW.BLOCK, SIG.USR1);
      const setAt = k.reserve(task, 8);
      task.mm.writeStruct(setAt, sigset, SignalSet.of(SIG.USR1));
      const first = k.start(task, "rt_sigtimedwait", setAt, 0, sleepArguments(k, task, 5), SIZE);
      k.advance(1e9);
      postSignal(task.process, { signo: SIG.USR1 });
      k.settle();
      assert.equal(first.result, SIG.USR1);
      assert.deepEqual([...signalMask(task)], [SIG.USR1]);
      const second = k.start(task, "rt_sigtimedwait", setAt, 0, sleepArguments(k, task, 5), SIZE);
      k.advance(5e9);
      assert.equal(second.result, "EAGAIN");
      k.assertIdle();
    });
  });
}

describe("sigaltstack", () => {
  test("takes the frame of a handler with SA_ONSTACK, and is in use meanwhile", () => {
    const { k, task, sp } = boot();
    const area = k.map(task, 0x4000);
    const at = k.bytes(task, new Uint8Array(new BigUint64Array([BigInt(area), 0n, 0x4000n]).buffer));
    assert.equal(k.call(task, "sigaltstack", at, 0), 0);
    handle(k, task, SIG.USR1, SA.ONSTACK);
    k.call(task, "kill", task.process.pid, SIG.USR1);
    const inside = Number(task.x(2));
    assert.ok(inside > area && inside < area + 0x4000);
    const old = k.reserve(task, 24);
    const registers = task.x(2);
    assert.equal(k.call(task, "sigaltstack", at, old), "EPERM");
    assert.equal(k.call(task, "sigaltstack", 0, old), 0);
    assert.equal(task.mm.readU32(old + 8), 1);
    assert.equal(task.x(2), registers);
    leave(k, task);
    assert.equal(task.x(2), BigInt(sp));
  });

  test("refuses one that is too small, and unknown flags", () => {
    const { k, task } = boot();
    const small = k.bytes(task, new Uint8Array(new BigUint64Array([0x1_0000n, 0n, 2047n]).buffer));
    assert.equal(k.call(task, "sigaltstack", small, 0), "ENOMEM");
    const odd = k.bytes(task, new Uint8Array(new BigUint64Array([0x1_0000n, 8n, 4096n]).buffer));
    assert.equal(k.call(task, "sigaltstack", odd, 0), "EINVAL");
  });
});

describe("refusals", () => {
  const cases = [
    { what: "another size of set", call: ["rt_sigprocmask", 0, 0, 0, 16], want: "EINVAL" },
    { what: "a handler for SIGKILL", call: ["rt_sigaction", SIG.KILL, -1, 0, 8], want: "EFAULT" },
    { what: "signal 65", call: ["rt_sigaction", 65, 0, 0, 8], want: "EINVAL" },
    { what: "asking about SIGKILL", call: ["rt_sigaction", SIG.KILL, 0, 0, 8], want: 0 },
    { what: "tkill of nobody", call: ["tkill", 0, SIG.TERM], want: "EINVAL" },
    { what: "tgkill of another process's thread", call: ["tgkill", 99, 1, SIG.TERM], want: "ESRCH" },
    { what: "kill INT_MIN", call: ["kill", -0x8000_0000, SIG.TERM], want: "ESRCH" },
  ] as const;
  for (const { what, call, want } of cases) {
    test(what, () => {
      const { k, task } = boot();
      const [name, ...args] = call;
      assert.equal(k.call(task, name, ...args), want);
    });
  }
});
