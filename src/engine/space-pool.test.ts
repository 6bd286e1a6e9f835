import assert from "node:assert/strict";
import { test } from "node:test";
import { createCodeCompiler } from "../host/node/code-compiler.ts";
import { ACCESS, HART, LAYOUT } from "../machine/index.ts";
import { SpacePool } from "./space-pool.ts";

const pool = new SpacePool(createCodeCompiler());

test("a released slot is used again, wiped", () => {
  const first = pool.acquire();
  const { memory } = first;
  memory.ensure(0x2001_0000);
  memory.setAccess(0x2000_0000, 0x2001_0000, ACCESS.READ);
  memory.u8[0x2000_1234] = 7;
  memory.markUsed(0x5_0000, 0x5_1000);
  memory.u8[0x5_0fff] = 7;
  memory.u32[HART.pc >> 2] = 7;
  pool.release(first);
  const second = pool.acquire();
  assert.equal(second, first);
  for (const address of [0x2000_1234, 0x5_0fff, HART.pc]) assert.equal(memory.u8[address], 0);
  assert.equal(memory.accessAt(0x2000_1234), 0);
});

test("slots in use are apart", () => {
  const [one, two] = [pool.acquire(), pool.acquire()];
  one.memory.u8[0x5_0000] = 1;
  assert.equal(two.memory.u8[0x5_0000], 0);
});

test("a slot that reserved addresses beyond its memory can be released", () => {
  const slot = pool.acquire();
  slot.memory.markUsed(0x7000_0000, 0x8000_0000);
  pool.release(slot);
  assert.equal(pool.acquire(), slot);
});

test("a copy is placed among zeros", () => {
  const { memory, place } = pool.acquire();
  memory.ensure(0x2001_0000);
  memory.u8.fill(9, 0x2000_0000, 0x2000_0100);
  for (let i = 0; i < 48; i++) memory.u8[0x5_0000 + i] = i + 1;
  place(0x2000_0040, 0x5_0000, 48, 32, 16);
  const zeros = (count: number): number[] => new Array(count).fill(0);
  const copy = Array.from({ length: 48 }, (_, i) => i + 1);
  assert.deepEqual([...memory.u8.subarray(0x2000_001f, 0x2000_0081)], [9, ...zeros(32), ...copy, ...zeros(16), 9]);
});

test("a slot may begin with what another memory has, whatever it held before", () => {
  const content = pool.acquire();
  content.memory.ensure(0x2002_0000);
  content.memory.u8.fill(5, 0x2000_1000, 0x2000_3000);
  const first = pool.acquire();
  first.memory.ensure(0x2002_0000);
  first.memory.setAccess(0x2000_0000, 0x2001_0000, ACCESS.READ);
  first.memory.u8.fill(7, 0x2000_0000, 0x2001_0000);
  pool.release(first);
  const ranges = [{ start: 0x2000_1000, end: 0x2000_3000 }];
  const second = pool.acquire({ memory: content.memory, ranges });
  const bytes = [0xfff, 0x1000, 0x2fff, 0x3000, 0xffff].map((offset) => second.memory.u8[0x2000_0000 + offset]);
  assert.deepEqual(bytes, [0, 5, 5, 0, 0]);
  assert.equal(second.memory.accessAt(0x2000_1000), 0);
  pool.release(second);
  assert.equal(pool.acquire(), second);
  assert.equal(second.memory.u8[0x2000_1000], 0);
});

test("what a guest left anywhere is not there for another machine", () => {
  const first = pool.acquire();
  const { memory } = first;
  const places = [
    HART.pc,
    0x3_0000,
    LAYOUT.decodeDirectory + 2,
    LAYOUT.decodeCache,
    LAYOUT.codeMap,
    LAYOUT.arenaHigh - 8,
  ];
  for (const address of places) memory.u8[address] = 7;
  first.parts.set(Symbol("engine"), "kept");
  pool.release(first);
  const second = pool.forMachine().acquire();
  assert.equal(second, first);
  for (const address of places) assert.equal(memory.u8[address], 0, address.toString(16));
  assert.equal(second.parts.size, 0);
});
