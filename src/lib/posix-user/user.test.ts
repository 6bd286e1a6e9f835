import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CAP } from "../../abi/capability.ts";
import type { Gid, Uid } from "../../abi/types.ts";
import { TestKernel } from "../../host/test/index.ts";
import { changeCredentials, credentialsOf, hasCapability, posixUser } from "./index.ts";

const uids = (...[uid, euid, suid]: readonly number[]) => ({
  uid: uid as Uid,
  euid: euid as Uid,
  suid: suid as Uid,
  fsuid: euid as Uid,
});

function boot(ids = uids(0, 0, 0), powers = true) {
  const k = new TestKernel([posixUser]);
  const task = k.process();
  changeCredentials(task.process, powers ? ids : { ...ids, effective: 0n, permitted: 0n });
  return { k, task };
}

describe("user ids", () => {
  const own = uids(1, 2, 3);
  const cases = [
    { call: ["setuid", 2], want: "EPERM", after: [1, 2, 3] },
    { call: ["setuid", 3], want: 0, after: [1, 3, 3] },
    { call: ["setuid", -1], want: "EINVAL", after: [1, 2, 3] },
    { call: ["setreuid", -1, 3], want: 0, after: [1, 3, 3] },
    { call: ["setreuid", 2, 1], want: 0, after: [2, 1, 1] },
    { call: ["setreuid", 3, -1], want: "EPERM", after: [1, 2, 3] },
    { call: ["setresuid", 3, 1, 2], want: 0, after: [3, 1, 2] },
    { call: ["setresuid", -1, 4, -1], want: "EPERM", after: [1, 2, 3] },
    { call: ["setfsuid", 4], want: 2, after: [1, 2, 3] },
  ] as const;
  for (const { call, want, after } of cases) {
    test(`${call.join(" ")} without power`, () => {
      const { k, task } = boot(own, false);
      const [name, ...args] = call;
      assert.equal(k.call(task, name, ...args), want);
      const { uid, euid, suid } = credentialsOf(task.process);
      assert.deepEqual([uid, euid, suid], after);
    });
  }

  test("root that becomes another loses its capabilities for good", () => {
    const { k, task } = boot();
    assert.equal(k.call(task, "setuid", 1000), 0);
    assert.equal(hasCapability(task.process, CAP.SETUID), false);
    assert.equal(k.call(task, "setuid", 0), "EPERM");
  });

  test("one that only lends its effective id gets them back", () => {
    const { k, task } = boot();
    k.call(task, "setresuid", -1, 1000, -1);
    assert.equal(hasCapability(task.process, CAP.CHOWN), false);
    k.call(task, "setresuid", -1, 0, -1);
    assert.equal(hasCapability(task.process, CAP.CHOWN), true);
  });
});

test("groups are set, counted and read", () => {
  const { k, task } = boot();
  const at = k.bytes(task, new Uint8Array(new Uint32Array([5, 6]).buffer));
  assert.equal(k.call(task, "setgroups", 2, at), 0);
  assert.deepEqual(credentialsOf(task.process).groups, [5 as Gid, 6 as Gid]);
  assert.equal(k.call(task, "getgroups", 0, 0), 2);
  assert.equal(k.call(task, "getgroups", 1, at), "EINVAL");
  assert.equal(k.call(task, "getgroups", 2, at), 2);
  assert.equal(k.call(task, "setgroups", 65537, at), "EINVAL");
});

test("capget tells the version to use, and capset gives up what it names", () => {
  const { k, task } = boot();
  const header = k.bytes(task, new Uint8Array(8));
  const data = k.reserve(task, 24);
  assert.equal(k.call(task, "capget", header, data), "EINVAL");
  assert.equal(task.mm.readU32(header), 0x2008_0522);
  assert.equal(k.call(task, "capget", header, data), 0);
  const effective = task.mm.readU32(data) as number;
  assert.equal(effective & 1, 1);
  task.mm.writeU32(data, effective & ~1);
  assert.equal(k.call(task, "capset", header, data), 0);
  assert.equal(hasCapability(task.process, CAP.CHOWN), false);
});

test("a program that is given a user acts for it, without capabilities", () => {
  const k = new TestKernel([posixUser]);
  const task = k.process({ user: { uid: 7, gid: 8, groups: [9] } });
  assert.equal(k.call(task, "geteuid"), 7);
  assert.equal(k.call(task, "getgid"), 8);
  assert.deepEqual(credentialsOf(task.process).groups, [9]);
  assert.ok(!hasCapability(task.process, CAP.SETUID));
  assert.equal(k.call(task, "setuid", 0), "EPERM");
});
