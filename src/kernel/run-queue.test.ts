import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RunQueue } from "./run-queue.ts";
import type { Task } from "./task.ts";
import { FAIR_RANK, FAIR_TURN_NS, type Share, Turn, UNIT_WEIGHT } from "./turn.ts";

const FIFO = (priority: number): Share => ({ rank: 99 - priority, order: "fifo", weight: UNIT_WEIGHT });
const fair = (weight = UNIT_WEIGHT): Share => ({ rank: FAIR_RANK, order: "fair", weight });

/** A queue whose turns are called by names. */
function makeQueue(shares: Readonly<Record<string, Share>>) {
  const queue = new RunQueue();
  const turns = new Map(
    Object.entries(shares).map(([name, share]) => {
      const turn = new Turn({ name } as unknown as Task);
      queue.change(turn, share);
      return [name, turn];
    }),
  );
  const of = (name: string): Turn => turns.get(name)!;
  const nameOf = (turn: Turn | undefined) => turn && (turn.task as unknown as { name: string }).name;
  return { queue, of, take: () => nameOf(queue.take()), nameOf };
}

/** Lets tasks compute in steps of a millisecond; answers how many each got. */
function share({ queue, nameOf }: ReturnType<typeof makeQueue>, steps: number): Record<string, number> {
  const got: Record<string, number> = {};
  for (let running = queue.take(); running !== undefined && steps > 0; running = queue.take()) {
    do {
      queue.charge(running, 1e6);
      const name = nameOf(running)!;
      got[name] = (got[name] ?? 0) + 1;
    } while (--steps > 0 && !queue.isOver(running));
    queue.add(running, "interrupted");
  }
  return got;
}

describe("the next task", () => {
  test("is the most urgent, the oldest among equals", () => {
    const { queue, of, take } = makeQueue({ low: fair(), a: FIFO(5), b: FIFO(5), high: FIFO(99), other: fair() });
    for (const name of ["low", "a", "other", "b", "high"]) queue.add(of(name), "woken");
    assert.deepEqual([1, 2, 3, 4, 5, 6].map(take), ["high", "a", "b", "low", "other", undefined]);
    assert.equal(queue.size, 0);
  });

  test("is not one that was removed, and no task waits twice", () => {
    const { queue, of, take } = makeQueue({ a: FIFO(40), b: FIFO(40), c: fair() });
    for (const name of ["a", "a", "b", "c"]) queue.add(of(name), "woken");
    assert.equal(queue.size, 3);
    queue.remove(of("a"));
    queue.remove(of("a"));
    assert.deepEqual([1, 2, 3].map(take), ["b", "c", undefined]);
  });

  test("is the interrupted one of the same priority, but not one that yielded", () => {
    const { queue, of, take } = makeQueue({ a: FIFO(1), b: FIFO(1) });
    queue.add(of("a"), "woken");
    queue.add(of("b"), "interrupted");
    assert.equal(take(), "b");
    queue.add(of("b"), "yielded");
    assert.deepEqual([take(), take()], ["a", "b"]);
  });

  test("is one that woke up, before those whose turn goes on", () => {
    const { queue, of, take } = makeQueue({ a: fair(), b: fair(), c: fair() });
    queue.add(of("a"), "interrupted");
    queue.add(of("b"), "woken");
    of("c").left = 0;
    queue.add(of("c"), "woken");
    assert.deepEqual([take(), take(), take()], ["b", "a", "c"]);
  });
});

test("a new task waits until its parent's turn is over", () => {
  const { queue, of, take } = makeQueue({ parent: fair(), child: fair(), other: fair() });
  queue.add(of("child"), "new");
  queue.charge(of("parent"), 3e6);
  assert.equal(queue.isOver(of("parent")), false);
  queue.add(of("other"), "woken");
  queue.charge(of("parent"), 2e6);
  assert.equal(queue.isOver(of("parent")), true);
  queue.add(of("parent"), "interrupted");
  assert.deepEqual([take(), take(), take()], ["other", "child", "parent"]);
});

describe("who runs is relieved", () => {
  test("at once by a more urgent one that wakes up", () => {
    const { queue, of } = makeQueue({ low: fair(), idle: { ...fair(3), order: "idle" }, rt: FIFO(1), higher: FIFO(2) });
    assert.equal(queue.interrupts(of("rt"), of("low")), true);
    assert.equal(queue.interrupts(of("higher"), of("rt")), true);
    assert.equal(queue.interrupts(of("rt"), of("higher")), false);
    assert.equal(queue.interrupts(of("low"), of("idle")), true);
    assert.equal(queue.interrupts(of("idle"), of("low")), false);
  });

  test("by an equal when its turn is over; under SCHED_FIFO never", () => {
    const rr: Share = { ...FIFO(1), order: "round-robin" };
    const { queue, of } = makeQueue({ a: rr, b: rr, c: FIFO(1), d: fair(), e: fair() });
    queue.add(of("b"), "woken");
    queue.charge(of("a"), 99e6);
    assert.equal(queue.isOver(of("a")), false);
    queue.charge(of("a"), 1e6);
    assert.equal(queue.isOver(of("a")), true);
    queue.charge(of("c"), 900e6);
    assert.equal(queue.isOver(of("c")), false);
  });

  test("by one that has slept when it has run noticeably longer", () => {
    const { queue, of } = makeQueue({ runs: fair(), sleeper: fair() });
    queue.add(of("sleeper"), "woken");
    queue.charge(of("runs"), 0.9e6);
    assert.equal(queue.isOver(of("runs")), false);
    queue.charge(of("runs"), 0.2e6);
    assert.equal(queue.isOver(of("runs")), true);
  });
});

describe("the processor is shared", () => {
  const cases = [
    { what: "alike", shares: { a: fair(), b: fair(), c: fair() }, want: { a: 400, b: 400, c: 400 } },
    { what: "by weight", shares: { a: fair(3072), b: fair() }, want: { a: 900, b: 300 } },
    { what: "with the least its due", shares: { a: fair(), b: fair(15) }, want: { a: 1183, b: 17 } },
    { what: "with one that is lighter than a step", shares: { a: fair(15), b: fair(15) }, want: { a: 600, b: 600 } },
    {
      what: "with a twentieth for those that are not real-time",
      shares: { a: FIFO(9), b: fair() },
      want: { a: 1150, b: 50 },
    },
  ] as const;
  for (const { what, shares, want } of cases) {
    test(what, () => {
      const made = makeQueue(shares);
      for (const name of Object.keys(shares)) made.queue.add(made.of(name), "woken");
      const got = share(made, 1200);
      for (const [name, steps] of Object.entries(want)) {
        assert.ok(Math.abs((got[name] ?? 0) - steps) <= 8, `${name}: ${got[name]} of ${steps}`);
      }
    });
  }

  test("and sleeping saves up one turn at most", () => {
    const { queue, of } = makeQueue({ a: fair(), b: fair() });
    for (let i = 0; i < 100; i++) {
      queue.add(of("a"), "woken");
      queue.charge(queue.take()!, FAIR_TURN_NS);
    }
    queue.add(of("b"), "woken");
    assert.ok(of("b").left <= FAIR_TURN_NS);
  });
});

test("a change of priority moves one that waits: back of its equals, or front if it has become less urgent", () => {
  const { queue, of, take } = makeQueue({ a: FIFO(5), b: FIFO(5), c: fair() });
  for (const name of ["a", "b", "c"]) queue.add(of(name), "woken");
  queue.change(of("b"), FIFO(5));
  queue.change(of("c"), FIFO(6));
  assert.deepEqual([take(), take(), take()], ["c", "a", "b"]);
  for (const name of ["a", "b", "c"]) queue.add(of(name), "woken");
  queue.change(of("c"), FIFO(5));
  queue.change(of("a"), FIFO(4));
  queue.change(of("a"), FIFO(5));
  assert.deepEqual([take(), take(), take()], ["c", "b", "a"]);
});
