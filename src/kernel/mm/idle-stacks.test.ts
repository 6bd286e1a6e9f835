import assert from "node:assert/strict";
import { test } from "node:test";
import { PROT } from "../../abi/mman.ts";
import type { ByteString } from "../../base/bytes.ts";
import { HART } from "../../machine/hart.ts";
import { ACCESS, GuestMemory, PAGE_SIZE } from "../../machine/memory.ts";
import { IdleStacks } from "./idle-stacks.ts";
import { type Mapping, NO_ADVICE } from "./mapping.ts";

const RW = ACCESS.READ | ACCESS.WRITE;
const LOW = 0x1000_0000;
const PAGES = 64;
const HIGH = LOW + PAGES * PAGE_SIZE;
/** Where the thread is when it discards its stack, and what the C library leaves below that. */
const SP = HIGH - 2 * PAGE_SIZE - 16;
const END = HIGH - 8 * PAGE_SIZE;

const STACK: Mapping = {
  prot: PROT.READ | PROT.WRITE,
  shared: false,
  readOnly: false,
  file: undefined,
  delta: 0,
  fileEnd: 0,
  name: "" as ByteString,
  growsDown: false,
  committed: true,
  sharedFile: undefined,
  ...NO_ADVICE,
};

/** A stack in a memory that counts the pages that are searched; those whose numbers are in `used` hold something. */
function setUp() {
  const memory = new GuestMemory({ buffer: new SharedArrayBuffer(HIGH), grow: () => 0 });
  const used = new Set<number>();
  let searched = 0;
  const stacks = new IdleStacks({
    memory,
    fill(start, end) {
      for (let at = start; at < end; at += PAGE_SIZE) used.delete((at - LOW) / PAGE_SIZE);
    },
    *usedRuns(start, end) {
      for (let at = start; at < end; at += PAGE_SIZE) {
        searched++;
        if (used.has((at - LOW) / PAGE_SIZE)) yield { start: at, end: at + PAGE_SIZE };
      }
    },
  });
  memory.setAccess(LOW, HIGH, RW);
  const retire = (end = END, { start = LOW, sp = SP, value = STACK } = {}): boolean =>
    stacks.retire({ start, end, value }, { start: LOW, end: HIGH, value }, sp);
  const idlePages = (): number =>
    Array.from({ length: PAGES }, (_, i) => memory.accessAt(LOW + i * PAGE_SIZE)).filter((access) => access === 0)
      .length;
  const searchedNow = (): number => {
    const count = searched;
    searched = 0;
    return count;
  };
  return { memory, used, stacks, retire, idlePages, searchedNow };
}

test("what was not used since the last time is not searched again", () => {
  const { used, stacks, retire, idlePages, searchedNow } = setUp();
  used.add(3);
  assert.equal(retire(), true);
  assert.equal(searchedNow(), 56);
  assert.deepEqual([idlePages(), used.size], [56, 0]);

  // A page, and 15 below it.
  assert.equal(stacks.use(LOW + 50 * PAGE_SIZE + 7), true);
  assert.equal(idlePages(), 35);
  used.add(49).add(35).add(30);
  assert.equal(retire(), true);
  assert.deepEqual([idlePages(), used.size, searchedNow()], [56, 0, 21 + 16]);
});

test("bytes that a function stored which begins above what is idle are found, as far as there are any", () => {
  const { used, retire, searchedNow } = setUp();
  retire();
  used.add(42).add(48).add(2);
  searchedNow();
  assert.equal(retire(), true);
  assert.deepEqual([...used], [2]);
  assert.equal(searchedNow(), 3 * 8);
});

test("a stack that is nearly used up, or is to change, is accessible as a whole", () => {
  const { stacks, retire, idlePages } = setUp();
  retire();
  assert.equal(stacks.use(LOW + 20 * PAGE_SIZE), true);
  assert.equal(idlePages(), 0);
  assert.equal(stacks.use(LOW), false);
  retire();
  stacks.wake(LOW - PAGE_SIZE, LOW);
  assert.equal(idlePages(), 56);
  stacks.wake(LOW + 3 * PAGE_SIZE, LOW + 4 * PAGE_SIZE);
  assert.equal(idlePages(), 0);
});

test("the running thread's range of sp is closed", () => {
  const { memory, retire } = setUp();
  memory.u32[HART.stackSize / 4] = 0x8000;
  retire();
  assert.equal(memory.u32[HART.stackSize / 4], 0);
});

test("what is not all of the stack below sp, or no plain memory, is not taken", () => {
  const { retire, idlePages } = setUp();
  assert.equal(retire(END, { start: LOW + PAGE_SIZE }), false);
  assert.equal(retire(END, { sp: END - 16 }), false);
  assert.equal(retire(END, { sp: HIGH + 16 }), false);
  assert.equal(retire(LOW + 40 * PAGE_SIZE), false);
  assert.equal(retire(LOW + 20 * PAGE_SIZE, { sp: LOW + 21 * PAGE_SIZE }), false);
  for (const other of [{ prot: PROT.READ }, { shared: true }, { growsDown: true }, { prot: 7 }])
    assert.equal(retire(END, { value: { ...STACK, ...other } }), false);
  assert.equal(idlePages(), 0);
});
