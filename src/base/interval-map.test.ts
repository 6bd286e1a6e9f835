import assert from "node:assert/strict";
import { test } from "node:test";
import { IntervalMap } from "./interval-map.ts";

const shape = (map: IntervalMap<string>): string => [...map].map((i) => `${i.start}-${i.end}${i.value}`).join(" ");

test("set splits what it overlaps and merges equal neighbours", () => {
  const map = new IntervalMap<string>();
  map.set(0, 10, "a");
  map.set(3, 5, "b");
  assert.equal(shape(map), "0-3a 3-5b 5-10a");
  map.set(10, 12, "a");
  assert.equal(shape(map), "0-3a 3-5b 5-12a");
  map.set(3, 5, "a");
  assert.equal(shape(map), "0-12a");
  map.set(2, 2, "x");
  assert.equal(shape(map), "0-12a");
});

test("delete returns the clipped parts and leaves the rest", () => {
  const map = new IntervalMap<string>();
  map.set(0, 4, "a");
  map.set(6, 10, "b");
  assert.deepEqual(map.delete(2, 8), [
    { start: 2, end: 4, value: "a" },
    { start: 6, end: 8, value: "b" },
  ]);
  assert.equal(shape(map), "0-2a 8-10b");
  assert.deepEqual(map.delete(2, 8), []);
});

test("gap finds the lowest fitting hole", () => {
  const map = new IntervalMap<string>();
  map.set(16, 32, "a");
  map.set(40, 48, "b");
  assert.equal(map.gap(0, 100, 16, 1), 0);
  assert.equal(map.gap(8, 100, 16, 1), 48);
  assert.equal(map.gap(8, 100, 8, 1), 8);
  assert.equal(map.gap(9, 100, 8, 8), 32);
  assert.equal(map.gap(20, 60, 16, 16), undefined);
});

test("a random history agrees with an array of cells", () => {
  const size = 64;
  const map = new IntervalMap<string>();
  const cells: (string | undefined)[] = new Array(size).fill(undefined);
  let seed = 1;
  const random = (n: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % n;
  };
  for (let step = 0; step < 20_000; step++) {
    const start = random(size);
    const end = start + random(size - start + 1);
    const value = "abc"[random(3)]!;
    const action = random(3);
    if (action === 0) {
      map.set(start, end, value);
      cells.fill(value, start, end);
    } else if (action === 1) {
      map.delete(start, end);
      cells.fill(undefined, start, end);
    } else {
      map.update(start, end, (old) => (old === value ? "c" : old));
      for (let i = start; i < end; i++) if (cells[i] === value) cells[i] = "c";
    }
    let previous: { end: number; value: string } | undefined;
    const seen: (string | undefined)[] = new Array(size).fill(undefined);
    for (const interval of map) {
      assert.ok(interval.start < interval.end);
      if (previous !== undefined) {
        assert.ok(previous.end <= interval.start);
        assert.ok(previous.end < interval.start || previous.value !== interval.value, "unmerged neighbours");
      }
      seen.fill(interval.value, interval.start, interval.end);
      previous = interval;
    }
    assert.deepEqual(seen, cells);
    const position = random(size);
    assert.equal(map.at(position)?.value, cells[position]);
    assert.equal(
      map.covers(start, end),
      cells.slice(start, end).every((cell) => cell !== undefined),
    );
    assert.deepEqual(
      map.within(start, end).flatMap((part) => new Array(part.end - part.start).fill(part.value)),
      cells.slice(start, end).filter((cell) => cell !== undefined),
    );
  }
});
