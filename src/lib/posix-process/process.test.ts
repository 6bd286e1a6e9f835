import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CAP } from "../../abi/capability.ts";
import { PR } from "../../abi/prctl.ts";
import { RLIMIT } from "../../abi/resource.ts";
import { type Rlimit, rlimit } from "../../abi/riscv64/resource.ts";
import { TestKernel } from "../../host/test/index.ts";
import type { Task } from "../../kernel/task.ts";
import { changeCredentials, credentialsOf } from "../posix-user/index.ts";
import { jobControlOf, posixProcess } from "./index.ts";

function boot() {
  const k = new TestKernel([posixProcess]);
  return { k, task: k.process() };
}

describe("ids", () => {
  test("a program that the machine starts leads its own session, under nobody", () => {
    const { k, task } = boot();
    const { pid } = task.process;
    assert.deepEqual(
      (["getpid", "gettid", "getppid"] as const).map((name) => k.call(task, name)),
      [pid, pid, 0],
    );
    assert.deepEqual([k.call(task, "getpgid", 0), k.call(task, "getsid", 0)], [pid, pid]);
    assert.equal(k.call(task, "getsid", 99), "ESRCH");
    assert.equal(k.call(task, "setsid"), "EPERM");
    assert.equal(k.call(task, "setpgid", 0, 0), "EPERM");
    assert.equal(k.call(task, "setpgid", 0, -1), "EINVAL");
    assert.equal(k.call(task, "setpgid", 99, 0), "ESRCH");
  });

  test("one that leads nothing can make a session", () => {
    const { k, task } = boot();
    Object.assign(jobControlOf(task.process), { leader: false, pgid: 77, sid: 77 });
    assert.equal(k.call(task, "setsid"), task.process.pid);
    assert.equal(k.call(task, "getpgid", 0), task.process.pid);
  });
});

describe("limits", () => {
  const put = (k: TestKernel, task: Task, current: number, maximum: number) => {
    const at = k.reserve(task, rlimit.size);
    task.mm.writeStruct(at, rlimit, { current, maximum });
    return at;
  };

  test("prlimit64 exchanges them", () => {
    const { k, task } = boot();
    const old = k.reserve(task, rlimit.size);
    assert.equal(k.call(task, "prlimit64", 0, RLIMIT.STACK, put(k, task, 1 << 20, 4 << 20), old), 0);
    assert.equal((task.mm.readStruct(old, rlimit) as Rlimit).current, 8 << 20);
    assert.equal(k.call(task, "getrlimit", RLIMIT.STACK, old), 0);
    assert.deepEqual(task.mm.readStruct(old, rlimit), { current: 1 << 20, maximum: 4 << 20 });
  });

  test("refusals come in Linux's order", () => {
    const { k, task } = boot();
    assert.equal(k.call(task, "prlimit64", 99, 99, 8, 0), "EFAULT");
    assert.equal(k.call(task, "prlimit64", 99, 99, 0, 0), "ESRCH");
    assert.equal(k.call(task, "prlimit64", 0, 16, 0, 0), "EINVAL");
    assert.equal(k.call(task, "setrlimit", RLIMIT.CPU, put(k, task, 2, 1)), "EINVAL");
    assert.equal(k.call(task, "setrlimit", RLIMIT.NOFILE, put(k, task, 1, 2 ** 40)), "EPERM");
    const { effective } = credentialsOf(task.process);
    k.call(task, "setrlimit", RLIMIT.CORE, put(k, task, 0, 0));
    changeCredentials(task.process, { effective: effective & ~(1n << BigInt(CAP.SYS_RESOURCE)) });
    assert.equal(k.call(task, "setrlimit", RLIMIT.CORE, put(k, task, 0, 1)), "EPERM");
  });
});

describe("prctl", () => {
  test("names have 15 bytes", () => {
    const { k, task } = boot();
    const at = k.string(task, "a name that is too long");
    assert.equal(k.call(task, "prctl", PR.SET_NAME, at), 0);
    assert.equal(task.process.name, "a name that is ");
    assert.equal(k.call(task, "prctl", PR.GET_NAME, at), 0);
    assert.equal(task.mm.readCString(at, 64), "a name that is ");
  });

  for (const { what, call, want } of [
    { what: "an unknown option", call: [9999], want: "EINVAL" },
    { what: "a death signal that is none", call: [PR.SET_PDEATHSIG, 65], want: "EINVAL" },
    { what: "dumpable 2", call: [PR.SET_DUMPABLE, 2], want: "EINVAL" },
    { what: "no_new_privs with a stray argument", call: [PR.SET_NO_NEW_PRIVS, 1, 1], want: "EINVAL" },
    { what: "no_new_privs", call: [PR.SET_NO_NEW_PRIVS, 1, 0, 0, 0], want: 0 },
    { what: "capability 41", call: [PR.CAPBSET_READ, 41], want: "EINVAL" },
    { what: "the power over clocks", call: [PR.CAPBSET_READ, CAP.SYS_TIME], want: 0 },
    { what: "the power over owners", call: [PR.CAPBSET_READ, CAP.CHOWN], want: 1 },
    { what: "seccomp mode", call: [PR.GET_SECCOMP], want: 0 },
    { what: "setting seccomp", call: [PR.SET_SECCOMP, 1], want: "EINVAL" },
  ] as const) {
    test(what, () => {
      const { k, task } = boot();
      assert.equal(k.call(task, "prctl", ...call, ...[0, 0, 0, 0].slice(call.length - 1)), want);
    });
  }
});

describe("the end", () => {
  test("exit_group keeps eight bits of its code", () => {
    const { k, task } = boot();
    k.start(task, "exit_group", 0x1_03);
    assert.deepEqual(task.process.exitStatus, { kind: "exited", code: 3 });
  });
});
