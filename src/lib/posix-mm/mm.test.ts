import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MADV, MAP, MEMBARRIER_CMD, PROT } from "../../abi/mman.ts";
import { TestKernel } from "../../host/test/index.ts";
import { posixMm } from "./index.ts";

const PAGE = 4096;
const READ_WRITE = PROT.READ | PROT.WRITE;
const ANONYMOUS = MAP.PRIVATE | MAP.ANONYMOUS;

function boot() {
  const k = new TestKernel([posixMm]);
  return { k, task: k.process() };
}

describe("mmap", () => {
  const refusals = [
    { what: "no length", call: [0, 0, READ_WRITE, ANONYMOUS, -1, 0], want: "EINVAL" },
    { what: "neither shared nor private", call: [0, PAGE, READ_WRITE, MAP.ANONYMOUS, -1, 0], want: "EINVAL" },
    { what: "an offset within a page", call: [0, PAGE, READ_WRITE, ANONYMOUS, -1, 1], want: "EINVAL" },
    { what: "no descriptor", call: [0, PAGE, READ_WRITE, MAP.PRIVATE, 99, 0], want: "EBADF" },
    { what: "no length of no descriptor", call: [0, 0, READ_WRITE, MAP.PRIVATE, 99, 0], want: "EBADF" },
    { what: "memory that grows", call: [0, PAGE, READ_WRITE, ANONYMOUS | MAP.GROWSDOWN, -1, 0], want: "EINVAL" },
    { what: "huge pages", call: [0, PAGE, READ_WRITE, ANONYMOUS | MAP.HUGETLB, -1, 0], want: "ENOMEM" },
    { what: "page 0", call: [0, PAGE, READ_WRITE, ANONYMOUS | MAP.FIXED, -1, 0], want: "EPERM" },
    { what: "a place beyond 4 GiB", call: [2 ** 33, PAGE, READ_WRITE, ANONYMOUS | MAP.FIXED, -1, 0], want: "ENOMEM" },
  ] as const;
  for (const { what, call, want } of refusals) {
    test(`refuses ${what}`, () => {
      const { k, task } = boot();
      assert.equal(k.call(task, "mmap", ...call), want);
    });
  }

  test("gives zeroed memory, and munmap takes it back", () => {
    const { k, task } = boot();
    const at = k.call(task, "mmap", 0, 2 * PAGE, READ_WRITE, ANONYMOUS, -1, 0) as number;
    assert.equal(task.mm.readU32(at + PAGE), 0);
    task.mm.writeU32(at, 7);
    assert.equal(k.call(task, "madvise", at, PAGE, MADV.DONTNEED), 0);
    assert.equal(task.mm.readU32(at), 0);
    assert.equal(k.call(task, "munmap", at, 2 * PAGE), 0);
    assert.equal(String(task.mm.readU32(at)), "EFAULT");
  });
});

describe("advice", () => {
  const cases = [
    { advice: MADV.WILLNEED, want: 0 },
    { advice: MADV.FREE, want: 0 },
    { advice: MADV.POPULATE_WRITE, want: 0 },
    { advice: MADV.HUGEPAGE, want: "EINVAL" },
    { advice: MADV.REMOVE, want: "EINVAL" },
    { advice: 99, want: "EINVAL" },
  ] as const;
  for (const { advice, want } of cases) {
    test(`${advice}`, () => {
      const { k, task } = boot();
      const at = k.map(task, PAGE);
      assert.equal(k.call(task, "madvise", at, PAGE, advice), want);
      assert.equal(k.call(task, "madvise", at + 1, PAGE, MADV.NORMAL), "EINVAL");
      assert.equal(k.call(task, "madvise", at, 0, MADV.NORMAL), 0);
    });
  }

  test("on a hole is ENOMEM", () => {
    const { k, task } = boot();
    assert.equal(k.call(task, "madvise", 0x9_0000, PAGE, MADV.WILLNEED), "ENOMEM");
    assert.equal(k.call(task, "mlock", 0x9_0000, PAGE), "ENOMEM");
    assert.equal(k.call(task, "mincore", 0x9_0000, PAGE, k.reserve(task, 16)), "ENOMEM");
    assert.equal(k.call(task, "msync", 0x9_0000, PAGE, 1), "ENOMEM");
  });
});

test("membarrier wants to be registered for", () => {
  const { k, task } = boot();
  const { QUERY, PRIVATE_EXPEDITED, REGISTER_PRIVATE_EXPEDITED, PRIVATE_EXPEDITED_SYNC_CORE } = MEMBARRIER_CMD;
  const offered = k.call(task, "membarrier", QUERY, 0, 0) as number;
  assert.equal(offered & PRIVATE_EXPEDITED_SYNC_CORE, 0);
  assert.equal(k.call(task, "membarrier", PRIVATE_EXPEDITED_SYNC_CORE, 0, 0), "EINVAL");
  assert.equal(k.call(task, "membarrier", PRIVATE_EXPEDITED, 0, 0), "EPERM");
  assert.equal(k.call(task, "membarrier", REGISTER_PRIVATE_EXPEDITED, 0, 0), 0);
  assert.equal(k.call(task, "membarrier", PRIVATE_EXPEDITED, 0, 0), 0);
});

test("riscv_flush_icache forgets the range, or all if it is empty", () => {
  const { k, task } = boot();
  assert.equal(k.call(task, "riscv_flush_icache", 0x2000_0000, 0x2000_1000, 1), 0);
  assert.equal(k.call(task, "riscv_flush_icache", 0, 0, 0), 0);
  assert.equal(k.call(task, "riscv_flush_icache", 0, 0, 2), "EINVAL");
});
