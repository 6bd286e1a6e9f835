import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HWPROBE_EXT, HWPROBE_KEY, hwprobePair } from "../../abi/riscv64/hwprobe.ts";
import { sysinfo as sysinfoLayout, utsname } from "../../abi/riscv64/sysinfo.ts";
import { TestKernel } from "../../host/test/index.ts";
import { posixSysinfo } from "./index.ts";

function boot() {
  const k = new TestKernel([posixSysinfo]);
  return { k, task: k.process() };
}

test("uname tells of a Linux for riscv64, by the name that was set", () => {
  const { k, task } = boot();
  const name = k.string(task, "peach");
  assert.equal(k.call(task, "sethostname", name, 5), 0);
  assert.equal(k.call(task, "sethostname", name, 65), "EINVAL");
  const at = k.reserve(task, utsname.size);
  assert.equal(k.call(task, "uname", at), 0);
  const names = task.mm.readStruct(at, utsname);
  assert.ok("machine" in names);
  assert.deepEqual([names.sysname, names.nodename, names.machine], ["Linux", "peach", "riscv64"]);
  assert.match(names.release, /^6\.12\./);
});

test("sysinfo counts the memory that the machine was given", () => {
  const { k, task } = boot();
  const at = k.reserve(task, sysinfoLayout.size);
  k.advance(3e9);
  assert.equal(k.call(task, "sysinfo", at), 0);
  const info = task.mm.readStruct(at, sysinfoLayout);
  assert.ok("uptime" in info);
  assert.equal(info.uptime, 3);
  assert.equal(info.totalram, k.kernel.limits.memoryBytes);
  assert.ok(info.freeram < info.totalram);
});

describe("riscv_hwprobe", () => {
  const probe = (pairs: readonly (readonly [number, bigint])[], ...rest: readonly number[]) => {
    const { k, task } = boot();
    const at = k.reserve(task, pairs.length * hwprobePair.size);
    pairs.forEach(([key, value], i) => {
      task.mm.writeStruct(at + i * hwprobePair.size, hwprobePair, { key, value });
    });
    const cpus = k.bytes(task, new Uint8Array([0xff, 0, 0, 0, 0, 0, 0, 0]));
    const [size = 0, flags = 0] = rest;
    const answer = k.call(task, "riscv_hwprobe", at, pairs.length, size, size === 0 ? 0 : cpus, flags);
    const after = pairs.map((_, i) => task.mm.readStruct(at + i * hwprobePair.size, hwprobePair));
    return { answer, after, cpus: task.mm.readU32(cpus) };
  };

  test("names extensions, and marks keys that it does not know", () => {
    const { answer, after } = probe([
      [HWPROBE_KEY.IMA_EXT_0, 0n],
      [99, 5n],
    ]);
    assert.equal(answer, 0);
    const [extensions, unknown] = after as readonly { key: number; value: bigint }[];
    const { FD, C, ZBA, ZBB, ZBS, ZICOND, V } = HWPROBE_EXT;
    for (const bit of [FD, C, ZBA, ZBB, ZBS, ZICOND]) assert.equal(extensions!.value & bit, bit);
    assert.equal(extensions!.value & V, 0n);
    assert.deepEqual(unknown, { key: -1, value: 0n });
  });

  test("finds the processors that have what is asked for", () => {
    assert.equal(probe([[HWPROBE_KEY.IMA_EXT_0, HWPROBE_EXT.ZBB]], 8, 1).cpus, 1);
    assert.equal(probe([[HWPROBE_KEY.IMA_EXT_0, HWPROBE_EXT.V]], 8, 1).cpus, 0);
  });

  test("refuses unknown flags", () => {
    assert.equal(probe([], 0, 2).answer, "EINVAL");
    assert.equal(probe([], 0, 1).answer, "EINVAL");
  });
});

test("the machine is not the guest's to stop", () => {
  const { k, task } = boot();
  assert.equal(k.call(task, "reboot", 0, 0, 0, 0), "EPERM");
  assert.equal(k.call(task, "syslog", 3, 0, 0), "EPERM");
});
