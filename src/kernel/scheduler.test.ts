import assert from "node:assert/strict";
import { test } from "node:test";
import { EINTR, ERESTART_RESTARTBLOCK, ERESTARTSYS } from "../abi/errno.ts";
import { SYSCALL_NUMBERS, type SyscallName } from "../abi/riscv64/syscalls.ts";
import { SIG } from "../abi/signal.ts";
import type { Instant, Tid } from "../abi/types.ts";
import { ecall, type ScriptedSpace, TestKernel, type TestKernelOptions } from "../host/test/index.ts";
import { TRAP, type TrapAnswer } from "../machine/engine.ts";
import { EXIT, type ExitReason, HART } from "../machine/hart.ts";
import { beforeReturn, type Fault, onFault, onSyscall } from "./hooks.ts";
import type { KernelOptions } from "./kernel.ts";
import { defineLibrary } from "./library.ts";
import { continueRestartBlock } from "./sleeping.ts";
import { perKernel } from "./slot-kinds.ts";
import { arg, syscall } from "./syscall.ts";
import type { Task } from "./task.ts";
import { type Blocking, WaitQueue } from "./wait.ts";

const place = perKernel(() => ({ queue: new WaitQueue(), tokens: 0 }));
const handlers = perKernel(() => ({ run: false }));

/** Takes a token from the kernel, or sleeps for one. */
const take = syscall({
  name: "read",
  args: [arg.i32],
  support: "full",
  *run(task, value) {
    const { queue } = task.kernel.get(place);
    while (task.kernel.get(place).tokens === 0) if ((yield { on: [queue] }) === "signal") return ERESTARTSYS;
    task.kernel.get(place).tokens--;
    return value;
  },
});

interface Until {
  readonly deadline: Instant;
}

function* sleepUntil(task: Task, state: Until): Blocking {
  task.restart = state;
  return (yield { on: [], deadline: state.deadline }) === "timeout" ? 0 : ERESTART_RESTARTBLOCK;
}

const sleep = syscall({
  name: "nanosleep",
  args: [arg.u64],
  support: "full",
  run: (task, ns) => sleepUntil(task, { deadline: (task.kernel.now() + ns) as Instant }),
  restart: sleepUntil,
});

const testLibrary = defineLibrary({
  name: "test",
  summary: "calls that sleep",
  syscalls: [
    take,
    sleep,
    syscall({ name: "getpid", args: [], support: "full", run: (task) => task.process.pid }),
    syscall({ name: "lseek", args: [arg.i64], support: "full", run: (_task, value) => value }),
    syscall({ name: "restart_syscall", args: [], support: "full", run: (task) => continueRestartBlock(task, EINTR) }),
    syscall({
      name: "sync",
      args: [],
      support: "full",
      run() {
        throw new Error("a bug");
      },
    }),
    syscall({
      name: "exit_group",
      args: [arg.i32],
      support: "full",
      run(task, code) {
        task.kernel.exitProcess(task.process, { kind: "exited", code });
        return 0;
      },
    }),
  ],
  // A handler of signals that lets calls fail with EINTR, if the test says that one is installed.
  extends: [
    beforeReturn.with((task) => {
      if (task.interruption !== undefined && task.kernel.get(handlers).run) task.failCall(EINTR);
      return undefined;
    }),
  ],
});

for (const options of [{}, { discardGenerators: true }] satisfies KernelOptions[]) {
  const mode = options.discardGenerators === true ? ", generators thrown away" : "";

  test(`a sleeping call goes on when it is woken${mode}`, () => {
    const k = new TestKernel([testLibrary], { options });
    const task = k.process();
    const call = k.start(task, "read", 42);
    assert.equal(call.result, undefined);
    const state = k.kernel.get(place);
    state.queue.wake();
    k.settle();
    assert.equal(call.result, undefined);
    state.tokens = 1;
    state.queue.wake();
    k.settle();
    assert.equal(call.result, 42);
    k.assertIdle();
  });

  test(`a deadline ends a sleep, also after interruptions${mode}`, () => {
    const k = new TestKernel([testLibrary], { options });
    const task = k.process();
    const call = k.start(task, "nanosleep", 1000);
    k.advance(600);
    task.interruptSleep();
    k.settle();
    assert.equal(call.result, undefined);
    k.advance(399);
    assert.equal(call.result, undefined);
    k.advance(1);
    assert.equal(call.result, 0);
    k.assertIdle();
  });

  test(`an interrupted call is restarted, or fails with EINTR if a handler says so${mode}`, () => {
    const k = new TestKernel([testLibrary], { options });
    const task = k.process();
    const call = k.start(task, "read", 42);
    task.interruptSleep();
    k.settle();
    assert.equal(call.result, undefined);
    k.kernel.get(handlers).run = true;
    task.interruptSleep();
    k.settle();
    assert.equal(call.result, "EINTR");
    k.assertIdle();
  });
}

test("results are written as 64 bits", () => {
  const k = new TestKernel([testLibrary]);
  const task = k.process();
  for (const value of [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 2 ** 40 + 5, -5000, -(2 ** 40) - 7]) {
    assert.equal(k.call(task, "lseek", value), value);
  }
});

test("a call that no library provides is ENOSYS, and named", () => {
  const seen: unknown[] = [];
  const observer = defineLibrary({
    name: "observer",
    summary: "remembers",
    extends: [onSyscall.with({ unknown: (_task, number, name) => seen.push([number, name]) })],
  });
  const k = new TestKernel([testLibrary, observer]);
  assert.equal(k.call(k.process(), "futex"), "ENOSYS");
  assert.deepEqual(seen, [[98, "futex"]]);
});

test("observers see arguments and results, of sleeping calls too", () => {
  const seen: string[] = [];
  const observer = defineLibrary({
    name: "observer",
    summary: "remembers",
    extends: [
      onSyscall.with({
        enter: (_task, { name }, args) => seen.push(`${name}(${args})`),
        leave: (_task, { name }, _args, answer) => seen.push(`${name}=${answer}`),
      }),
    ],
  });
  const k = new TestKernel([testLibrary, observer]);
  const task = k.process();
  k.start(task, "nanosleep", 5);
  assert.deepEqual(seen, ["nanosleep(5)"]);
  k.advance(5);
  k.call(task, "getpid");
  assert.deepEqual(seen, ["nanosleep(5)", "nanosleep=0", "getpid()", "getpid=1"]);
});

function setCall({ memory }: ScriptedSpace, name: SyscallName, argument: number): void {
  memory.i64[HART.x / 8 + 17] = BigInt(SYSCALL_NUMBERS[name]);
  memory.i64[HART.x / 8 + 10] = BigInt(argument);
}

/** Sets the registers of a call and makes it, as guest code would. */
function guestCall(space: ScriptedSpace, name: SyscallName, argument = 0) {
  setCall(space, name, argument);
  return ecall(space);
}

/** A kernel with runnable tasks whose guest code is a script. */
function machine(
  tasks: number,
  script: (space: ScriptedSpace, task: Task) => ExitReason,
  options: TestKernelOptions = {},
) {
  const k = new TestKernel([testLibrary], options);
  k.engine.script = (space) => script(space, k.kernel.current!);
  const first = k.process();
  const all = [first];
  for (let i = 1; i < tasks; i++) all.push(k.kernel.createTask(first.process, (100 + i) as Tid));
  for (const task of all) k.kernel.scheduler.makeRunnable(task, "new");
  return { k, first };
}

test("run ends when the last process has", async () => {
  const { k, first } = machine(1, (space) => guestCall(space, "exit_group", 3)!);
  assert.equal(await k.kernel.run(), undefined);
  assert.deepEqual(first.process.exitStatus, { kind: "exited", code: 3 });
  assert.deepEqual(await first.process.exited, { kind: "exited", code: 3 });
  assert.equal(k.engine.spaces.size, 0);
  assert.equal(k.kernel.usedMemory, 0);
});

test("tasks take turns, each with its own registers", async () => {
  const turns: number[] = [];
  const S1 = HART.x / 8 + 9;
  const { k } = machine(3, (space, task) => {
    const count = Number(space.memory.i64[S1]) + 1;
    space.memory.i64[S1] = BigInt(count);
    turns.push(task.tid * 10 + count);
    return count === 2 && task.tid === 102 ? guestCall(space, "exit_group")! : EXIT.POLL;
  });
  await k.kernel.run();
  assert.deepEqual(turns, [11, 1011, 1021, 12, 1012, 1022]);
});

test("who sleeps hands over to another task within the call, if that has the same memory", async () => {
  let runs = 0;
  const { k } = machine(2, (space) => {
    runs++;
    const call = (name: SyscallName, argument: number): TrapAnswer => {
      setCall(space, name, argument);
      return space.handler.syscall();
    };
    const S1 = HART.x / 8 + 9;
    space.memory.i64[S1] = 7n;
    assert.equal(call("read", 42), TRAP.ELSEWHERE);
    assert.equal(k.kernel.current?.tid, 101);
    assert.equal(space.memory.i64[S1], 0n);
    const state = k.kernel.get(place);
    state.tokens = 1;
    state.queue.wake();
    assert.equal(call("nanosleep", 5), TRAP.ELSEWHERE);
    assert.equal(k.kernel.current?.tid, 1);
    assert.equal(space.memory.i64[S1], 7n);
    assert.equal(space.memory.i64[HART.x / 8 + 10], 42n);
    return guestCall(space, "exit_group")!;
  });
  assert.equal(await k.kernel.run(), undefined);
  assert.equal(runs, 1);
});

test("the engine is left for another address space, and where nobody can go on", async () => {
  const answers: TrapAnswer[] = [];
  const { k, first } = machine(1, (space) => {
    if (k.kernel.now() > 0) return guestCall(space, "exit_group")!;
    setCall(space, "nanosleep", 5);
    answers.push(space.handler.syscall());
    return EXIT.SYSCALL;
  });
  const other = k.process();
  k.kernel.scheduler.makeRunnable(other, "new");
  assert.equal(await k.kernel.run(), undefined);
  assert.notEqual(other.mm, first.mm);
  assert.deepEqual(answers, [TRAP.LEAVE, TRAP.LEAVE]);
});

test("when everybody sleeps, time goes on to the next deadline", async () => {
  const { k } = machine(1, (space) => {
    const late = k.kernel.now() >= 3600e9;
    return late ? guestCall(space, "exit_group")! : guestCall(space, "nanosleep", 3600e9)!;
  });
  await k.kernel.run();
  assert.equal(k.kernel.now(), 3600e9);
});

test("a machine whose tasks sleep for good waits for the outside", async () => {
  const { k, first } = machine(1, (space) => guestCall(space, "read")!);
  const ended = k.kernel.run();
  await new Promise((turn) => setImmediate(turn));
  assert.equal(first.process.exitStatus, undefined);
  k.kernel.stop();
  assert.equal(await ended, undefined);
  assert.deepEqual(first.process.exitStatus, { kind: "signaled", signal: SIG.KILL, core: false });
});

test("a bug in a handler ends its machine with a report, and nothing else", async () => {
  const { k, first } = machine(1, (space) => guestCall(space, "sync")!);
  const fault = await k.kernel.run();
  assert.equal(fault?.message, "a bug");
  assert.ok(fault.cause instanceof Error);
  assert.deepEqual(first.process.exitStatus, { kind: "signaled", signal: SIG.KILL, core: false });
});

test("a process that passes the limit of processor time is killed", async () => {
  const computing = (): typeof EXIT.POLL => {
    k.clock.advance(1e6);
    return EXIT.POLL;
  };
  const { k, first } = machine(1, computing, { limits: { cpuNs: 50e6 } });
  await k.kernel.run();
  assert.deepEqual(first.process.exitStatus, { kind: "signaled", signal: SIG.KILL, core: false });
});

const faults = [
  { exit: EXIT.LOAD_FAULT, address: 0x5000_0000, want: [SIG.SEGV, 1, 0x5000_0000] },
  { exit: EXIT.STORE_FAULT, address: 0x2000_0000, want: [SIG.SEGV, 2, 0x2000_0000] },
  { exit: EXIT.FETCH_FAULT, address: 0, want: [SIG.SEGV, 1, 0x1234] },
  { exit: EXIT.MISALIGNED, address: 0x2000_0001, want: [SIG.BUS, 1, 0x2000_0001] },
  { exit: EXIT.ILLEGAL, address: 0, want: [SIG.ILL, 1, 0x1234] },
  { exit: EXIT.BREAKPOINT, address: 0, want: [SIG.TRAP, 1, 0x1234] },
] as const;
for (const { exit, address, want } of faults) {
  test(`exit reason ${exit} is signal ${want[0]}, code ${want[1]}`, async () => {
    const seen: Fault[] = [];
    const catcher = defineLibrary({
      name: "catcher",
      summary: "remembers faults",
      extends: [
        onFault.with((_task, fault) => {
          seen.push(fault);
          return false;
        }),
      ],
    });
    const k = new TestKernel([catcher]);
    const task = k.process();
    k.map(task, 1, 1);
    k.engine.script = ({ memory }) => {
      memory.i64[HART.faultAddress / 8] = BigInt(address);
      return exit;
    };
    task.pc = 0x1234;
    k.kernel.scheduler.makeRunnable(task, "new");
    await k.kernel.run();
    assert.deepEqual(seen, [{ signal: want[0], code: want[1], address: want[2], pc: 0x1234 }]);
    assert.deepEqual(task.process.exitStatus, { kind: "signaled", signal: want[0], core: false });
  });
}

test("a fault that cannot be placed kills without asking anyone", async () => {
  const { k, first } = machine(1, () => EXIT.IMPRECISE_FAULT);
  await k.kernel.run();
  assert.deepEqual(first.process.exitStatus, { kind: "signaled", signal: SIG.SEGV, core: false });
});
