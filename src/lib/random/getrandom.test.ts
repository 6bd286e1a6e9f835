import assert from "node:assert/strict";
import { test } from "node:test";
import { TestKernel } from "../../host/test/index.ts";
import { random } from "./index.ts";

test("getrandom fills what it is given, and no two parts alike", () => {
  const k = new TestKernel([random]);
  const task = k.process();
  const at = k.map(task, 0x3_0000);
  assert.equal(k.call(task, "getrandom", at, 0x2_8000, 0), 0x2_8000);
  const bytes = task.mm.read(at, 0x3_0000);
  assert.ok(bytes instanceof Uint8Array);
  assert.notDeepEqual(bytes.subarray(0, 64), bytes.subarray(0x1_0000, 0x1_0040));
  assert.ok(bytes.subarray(0x2_8000).every((byte) => byte === 0));
});

for (const { flags, want } of [
  { flags: 0, want: 16 },
  { flags: 1, want: 16 },
  { flags: 2, want: 16 },
  { flags: 4, want: 16 },
  { flags: 6, want: "EINVAL" },
  { flags: 8, want: "EINVAL" },
] as const) {
  test(`getrandom with flags ${flags}`, () => {
    const k = new TestKernel([random]);
    const task = k.process();
    assert.equal(k.call(task, "getrandom", k.reserve(task, 16), 16, flags), want);
  });
}

test("getrandom to nowhere is EFAULT, of nothing is nothing", () => {
  const k = new TestKernel([random]);
  const task = k.process();
  assert.equal(k.call(task, "getrandom", 8, 16, 0), "EFAULT");
  assert.equal(k.call(task, "getrandom", 8, 0, 0), 0);
});
