import assert from "node:assert/strict";
import { test } from "node:test";
import { type RangeLock, RangeLocks } from "./range-locks.ts";

const one = { name: "one" };
const two = { name: "two" };
const lock = (owner: object, type: RangeLock["type"], start: number, end: number): RangeLock => ({
  owner,
  type,
  start,
  end,
  pid: 1,
});

test("readers share, a writer does not", () => {
  const locks = new RangeLocks();
  locks.take(lock(one, "read", 0, 9));
  assert.equal(locks.conflicting(lock(two, "read", 5, 5)), undefined);
  assert.equal(locks.conflicting(lock(two, "write", 5, 5))?.owner, one);
  assert.equal(locks.conflicting(lock(two, "write", 10, 20)), undefined);
  assert.equal(locks.conflicting(lock(one, "write", 0, 9)), undefined);
});

test("unlocking the middle splits, neighbours of one type grow together", () => {
  const locks = new RangeLocks();
  locks.take(lock(one, "write", 0, 9));
  locks.release(one, 4, 5);
  assert.equal(locks.conflicting(lock(two, "write", 4, 5)), undefined);
  assert.deepEqual(locks.conflicting(lock(two, "write", 6, 6)), lock(one, "write", 6, 9));
  locks.take(lock(one, "write", 4, 5));
  assert.deepEqual(locks.conflicting(lock(two, "write", 6, 6)), lock(one, "write", 0, 9));
});

test("a change of type cuts what the owner had", () => {
  const locks = new RangeLocks();
  locks.take(lock(one, "write", 0, 9));
  locks.take(lock(one, "read", 3, 5));
  assert.equal(locks.conflicting(lock(two, "read", 4, 4)), undefined);
  assert.deepEqual(locks.conflicting(lock(two, "read", 0, 9)), lock(one, "write", 0, 2));
});
