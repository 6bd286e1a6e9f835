import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tid } from "../../abi/types.ts";
import { EXIT } from "../../machine/hart.ts";
import { SeededInterleaving } from "./interleaving.ts";
import { TestKernel } from "./kernel.ts";

const TASKS = 3;
const STOPS = 200;

/** Lets tasks that never make a call give way to each other; answers who ran at each stop, and the schedule's name. */
async function explore(seed: number) {
  const ran: number[] = [];
  let passed = 0;
  const interleaving = new SeededInterleaving(
    seed,
    1e6,
    () => {},
    (instructions) => {
      passed += instructions;
    },
  );
  const k = new TestKernel([], { options: { poll: "fuel", interleaving } });
  const first = k.process();
  const all = [first];
  for (let i = 1; i < TASKS; i++) all.push(k.kernel.createTask(first.process, (100 + i) as Tid));
  k.engine.script = () => {
    ran.push(all.indexOf(k.kernel.current!));
    if (ran.length === STOPS) k.kernel.stop();
    return EXIT.POLL;
  };
  for (const task of all) k.kernel.scheduler.makeRunnable(task, "new");
  assert.equal(await k.kernel.run(), undefined);
  return { ran, schedule: interleaving.schedule, passed };
}

test("a seed is an order, and the same seed the same one", async () => {
  const orders = new Set<string>();
  const schedules = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) {
    const [once, again] = [await explore(seed), await explore(seed)];
    assert.deepEqual(again, once);
    orders.add(once.ran.join());
    schedules.add(once.schedule);
  }
  assert.equal(orders.size, 20);
  assert.equal(schedules.size, 20);
});

test("everybody runs, and time passes with instructions", async () => {
  const runs = await Promise.all(Array.from({ length: 20 }, (_, seed) => explore(seed)));
  for (let task = 0; task < TASKS; task++) assert.ok(runs.some(({ ran }) => ran.includes(task)));
  assert.ok(runs.every(({ passed }) => passed >= STOPS - 1));
});
