import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CAP } from "../../abi/capability.ts";
import { IPC, SEMCTL, SHMCTL } from "../../abi/ipc.ts";
import { sembuf, shmidDs } from "../../abi/riscv64/ipc.ts";
import type { Uid } from "../../abi/types.ts";
import { array, type StructOf } from "../../base/struct.ts";
import { TestKernel, type TestKernelOptions } from "../../host/test/index.ts";
import type { Task } from "../../kernel/task.ts";
import { changeCredentials, credentialsOf } from "../posix-user/index.ts";
import { posixIpc } from "./index.ts";

const { PRIVATE, CREAT } = IPC;

function boot(options: TestKernelOptions = {}) {
  const k = new TestKernel([posixIpc], options);
  return { k, task: k.process() };
}

function operations(k: TestKernel, task: Task, ...list: readonly (readonly [number, number, number?])[]): number {
  const at = k.reserve(task, sembuf.size * list.length);
  const values = list.map(([number, change, flags = 0]) => ({ number, change, flags }));
  task.mm.writeStruct(at, array(sembuf, list.length), values);
  return at;
}

describe("identifiers", () => {
  test("are unlike those that were given out before", () => {
    const { k, task } = boot();
    const seen = new Set<number | string>();
    for (let i = 0; i < 200; i++) {
      const id = k.call(task, "semget", PRIVATE, 1, CREAT);
      assert.ok(!seen.has(id), `${id} again`);
      seen.add(id);
      assert.equal(k.call(task, "semctl", id as number, 0, SEMCTL.IPC_RMID, 0), 0);
    }
    // Places 0 to 63 first, then the same with the next sequence number above.
    assert.deepEqual([...seen].slice(62, 66), [62, 63, 0x8000, 0x8001]);
  });

  test("run out", () => {
    const { k, task } = boot();
    for (let i = 0; i < 4096; i++) assert.equal(k.call(task, "shmget", PRIVATE, 1, CREAT), i);
    assert.equal(k.call(task, "shmget", PRIVATE, 1, CREAT), "ENOSPC");
  });
});

test("segments are bounded by the machine's memory", () => {
  const { k, task } = boot({ limits: { memoryBytes: 1 << 22 } });
  assert.equal(k.call(task, "shmget", PRIVATE, 1 << 22, CREAT), 0);
  assert.equal(k.call(task, "shmget", PRIVATE, 1, CREAT), "ENOMEM");
});

test("CAP_IPC_OWNER reads what nobody may, and CAP_SYS_ADMIN removes it", () => {
  const { k, task } = boot();
  const id = k.call(task, "shmget", PRIVATE, 100, 0) as number;
  const at = k.reserve(task, shmidDs.size);
  const { effective } = credentialsOf(task.process);
  const become = (capabilities: bigint): void =>
    changeCredentials(task.process, { euid: 5 as Uid, fsuid: 5 as Uid, effective: capabilities });
  become(0n);
  assert.equal(k.call(task, "shmctl", id, SHMCTL.IPC_STAT, at), "EACCES");
  assert.equal(k.call(task, "shmctl", id, SHMCTL.SHM_STAT_ANY, at), id);
  become(effective & (1n << BigInt(CAP.IPC_OWNER)));
  assert.equal(k.call(task, "shmctl", id, SHMCTL.IPC_STAT, at), 0);
  assert.equal((task.mm.readStruct(at, shmidDs) as StructOf<typeof shmidDs>).size, 100);
  assert.equal(k.call(task, "shmctl", id, SHMCTL.IPC_RMID, 0), "EPERM");
  become(effective & (1n << BigInt(CAP.SYS_ADMIN)));
  assert.equal(k.call(task, "shmctl", id, SHMCTL.IPC_RMID, 0), 0);
});

describe("semaphores", () => {
  test("a release wakes as many as it has room for", () => {
    const { k, task } = boot();
    const set = k.call(task, "semget", PRIVATE, 1, CREAT | 0o600) as number;
    const others = Array.from({ length: 20 }, () => k.thread(task));
    const calls = others.map((other) => k.start(other, "semop", set, operations(k, other, [0, -1]), 1));
    assert.equal(k.call(task, "semop", set, operations(k, task, [0, 3]), 1), 0);
    assert.deepEqual(
      calls.map(({ result }) => result),
      [0, 0, 0, ...Array.from({ length: 17 }, () => undefined)],
    );
    assert.equal(k.call(task, "semctl", set, 0, SEMCTL.GETNCNT, 0), 17);
    assert.equal(k.call(task, "semctl", set, 0, SEMCTL.IPC_RMID, 0), 0);
    assert.ok(calls.slice(3).every(({ result }) => result === "EIDRM"));
    k.assertIdle();
  });

  test("a timeout ends a wait, and nothing of it stays", () => {
    const { k, task } = boot();
    const set = k.call(task, "semget", PRIVATE, 1, CREAT | 0o600) as number;
    const timeout = k.bytes(task, new Uint8Array(new BigInt64Array([0n, 5_000_000n]).buffer));
    const waiting = k.start(k.thread(task), "semtimedop", set, operations(k, task, [0, -1]), 1, timeout);
    k.advance(4e6);
    assert.equal(waiting.result, undefined);
    k.advance(2e6);
    assert.equal(waiting.result, "EAGAIN");
    assert.equal(k.call(task, "semctl", set, 0, SEMCTL.GETNCNT, 0), 0);
    k.assertIdle();
  });
});
