import assert from "node:assert/strict";
import { test } from "node:test";
import type { Instant } from "../abi/types.ts";
import { Timers } from "./timers.ts";

test("timers fire in order of their instants, then in the order in which they were set", () => {
  const timers = new Timers();
  const fired: string[] = [];
  const set = (when: number, name: string) => timers.add(when as Instant, () => fired.push(name));
  set(30, "c");
  set(10, "a");
  set(20, "b1");
  set(20, "b2");
  assert.equal(timers.next(), 10);
  timers.run(20 as Instant);
  assert.deepEqual(fired, ["a", "b1", "b2"]);
  assert.equal(timers.next(), 30);
});

test("a cancelled timer is gone at once, whichever it is, and cancelling twice is nothing", () => {
  const timers = new Timers();
  const fired: number[] = [];
  // Deterministic and without order: multiples of a number that is prime to the count.
  const all = Array.from({ length: 1000 }, (_, i) => (i * 389) % 1000);
  const set = all.map((when) => timers.add(when as Instant, () => fired.push(when)));
  for (const [i, timer] of set.entries()) if (i % 3 !== 0) timer.cancel();
  for (const timer of set.slice(0, 50)) if (timer.when % 2 === 0) timer.cancel();
  set[1]!.cancel();
  const left = all.filter((when, i) => i % 3 === 0 && !(i < 50 && when % 2 === 0)).sort((a, b) => a - b);
  timers.run(999 as Instant);
  assert.deepEqual(fired, left);
  assert.equal(timers.next(), undefined);
});

test("what a timer sets for the same instant fires too, and a timer may cancel another", () => {
  const timers = new Timers();
  const fired: string[] = [];
  timers.add(1 as Instant, () => {
    fired.push("first");
    second.cancel();
    timers.add(1 as Instant, () => fired.push("third"));
  });
  const second = timers.add(1 as Instant, () => fired.push("second"));
  timers.run(1 as Instant);
  assert.deepEqual(fired, ["first", "third"]);
});
