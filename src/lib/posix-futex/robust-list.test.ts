import assert from "node:assert/strict";
import { test } from "node:test";
import { FUTEX, ROBUST_LIST_LIMIT } from "../../abi/futex.ts";
import { robustListHead } from "../../abi/riscv64/robust-list.ts";
import { TestKernel } from "../../host/test/index.ts";
import { posixFutex } from "./index.ts";

const { WAIT, WAITERS, OWNER_DIED, PRIVATE_FLAG } = FUTEX;
const LINK_BYTES = 8;
const ELEMENT_BYTES = 16;

/** A thread with a list of locks that it holds: the word lies behind the link. */
function boot(count: number, pending?: number) {
  const k = new TestKernel([posixFutex]);
  const task = k.process();
  const { mm } = task;
  const thread = k.thread(task);
  const head = k.reserve(task, robustListHead.size);
  const first = k.reserve(task, ELEMENT_BYTES * count);
  const link = (i: number) => first + ELEMENT_BYTES * i;
  const word = (i: number) => link(i) + LINK_BYTES;
  mm.writeStruct(head, robustListHead, {
    next: first,
    futexOffset: LINK_BYTES,
    pending: pending === undefined ? 0 : link(pending),
  });
  for (let i = 0; i < count; i++) {
    mm.writeU64(link(i), i === count - 1 ? head : link(i + 1));
    mm.writeU32(word(i), thread.tid);
  }
  assert.equal(k.call(thread, "set_robust_list", head, robustListHead.size), 0);
  return { k, task, thread, head, link, word, value: (i: number) => mm.readU32(word(i)) };
}

test("a robust list has one size of head", () => {
  const { k, task, head } = boot(1);
  assert.equal(k.call(task, "set_robust_list", head, 16), "EINVAL");
  assert.equal(k.call(task, "set_robust_list", head, 24), 0);
  const at = k.reserve(task, 16);
  assert.equal(k.call(task, "get_robust_list", 0, at, at + 8), 0);
  assert.deepEqual([task.mm.readU64(at), task.mm.readU64(at + 8)], [head, 24]);
});

test("the end of a thread marks its locks and wakes one waiter", () => {
  const { k, task, thread, word, value } = boot(3);
  task.mm.writeU32(word(1), (WAITERS | thread.tid) >>> 0);
  task.mm.writeU32(word(2), 12_345);
  const wait = () => k.start(k.thread(task), "futex", word(1), WAIT, (WAITERS | thread.tid) >>> 0, 0);
  const [first, second] = [wait(), wait()];
  k.kernel.exitTask(thread, 0);
  k.settle();
  assert.deepEqual([0, 1, 2].map(value), [OWNER_DIED, (WAITERS | OWNER_DIED) >>> 0, 12_345]);
  assert.deepEqual([first.result, second.result], [0, undefined]);
});

test("a list without an end is left", () => {
  const { k, task, thread, link, value } = boot(2);
  task.mm.writeU64(link(1), link(0));
  k.kernel.exitTask(thread, 0);
  assert.deepEqual([0, 1].map(value), [OWNER_DIED, OWNER_DIED]);
});

test("no more than so many entries are looked at, and then the pending one", () => {
  const { k, thread, value } = boot(ROBUST_LIST_LIMIT + 2, ROBUST_LIST_LIMIT + 1);
  k.kernel.exitTask(thread, 0);
  const last = [ROBUST_LIST_LIMIT - 1, ROBUST_LIST_LIMIT, ROBUST_LIST_LIMIT + 1];
  assert.deepEqual(last.map(value), [OWNER_DIED, thread.tid, OWNER_DIED]);
});

test("the word of CLONE_CHILD_CLEARTID is cleared, and who joins is woken", () => {
  const k = new TestKernel([posixFutex]);
  const task = k.process();
  const thread = k.thread(task);
  const word = k.bytes(task, new Uint8Array([9, 0, 0, 0]));
  k.call(thread, "set_tid_address", word);
  const privately = k.start(k.thread(task), "futex", word, WAIT | PRIVATE_FLAG, 9, 0);
  const joining = k.start(task, "futex", word, WAIT, 9, 0);
  k.start(thread, "exit", 0);
  assert.equal(task.mm.readU32(word), 0);
  assert.deepEqual([joining.result, privately.result], [0, undefined]);
});
