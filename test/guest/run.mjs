/**
 * Runs the guest tests: `node test/guest/run.mjs [--engine qemu,interp,wasm] [--jobs N] [--list] [name...]`.
 *
 * Each test is a C program. What it prints and how it ends on native Linux is what it must print and how it must end under
 * every engine. A name selects the tests that contain it. `known.json` lists where a target is known to differ, and why; a
 * test there that agrees after all is a failure too, so that the list cannot go stale (one whose reason begins with
 * "hangs" is not run). The last line is `N passed, N failed`.
 */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { difference, expectation } from "./harness/compare.mjs";
import { discover } from "./harness/discover.mjs";
import { missing, runOn, targets } from "./harness/targets.mjs";

/** @typedef {import("./harness/targets.mjs").Case} Case */
/** @typedef {{ passed: number, known: number, failed: number }} Tally */

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    engine: { type: "string", default: "qemu,interp,wasm" },
    jobs: { type: "string", default: String(Math.min(4, availableParallelism())) },
    list: { type: "boolean", default: false },
  },
});

/** @type {Record<string, Record<string, string>>} */
const known = JSON.parse(readFileSync(join(import.meta.dirname, "known.json"), "utf8"));
const tests = discover(import.meta.dirname).filter(
  (test) => !names.length || names.some((name) => test.name.includes(name)),
);
const engines = options.engine.split(",");
/** @type {Map<string, Tally>} */
const tallies = new Map(engines.map((engine) => [engine, { passed: 0, known: 0, failed: 0 }]));

/** @type {Case[]} */
const cases = tests.flatMap((test) =>
  test.links.flatMap((link) =>
    test.runs.map((args) => ({ test, args, link: /** @type {import("./harness/build.mjs").Link} */ (link) })),
  ),
);

/** A case as it is called in reports: `elf/startup static-pie`, `signal/default abort`. */
function label(/** @type {Case} */ run) {
  return [run.test.name, ...(run.test.links.length > 1 ? [run.link] : []), ...run.args].join(" ");
}

/** Why this engine is known to differ in this case, if it is. */
const reasonFor = (/** @type {string} */ engine, /** @type {Case} */ run) =>
  known[engine]?.[label(run)] ?? known[engine]?.[run.test.name];

const tally = (/** @type {string} */ engine) => /** @type {Tally} */ (tallies.get(engine));

/** Runs one case under every engine that was asked for. */
async function runCase(/** @type {Case} */ run) {
  const selected = engines.filter((engine) => targets[engine]?.only?.(run.test) ?? true);
  let expected;
  try {
    expected = await expectation(run);
  } catch (error) {
    for (const engine of selected) note(engine, run, `the oracle failed: ${error}`);
    return;
  }
  for (const engine of selected) {
    const reason = reasonFor(engine, run);
    if (reason?.startsWith("hangs")) {
      tally(engine).known++;
      continue;
    }
    try {
      note(engine, run, difference(await runOn(engine, run), expected));
    } catch (error) {
      note(engine, run, String(error));
    }
  }
}

/** Counts a result, and reports it unless all is well. */
function note(/** @type {string} */ engine, /** @type {Case} */ run, /** @type {string | undefined} */ trouble) {
  const reason = reasonFor(engine, run);
  if (reason !== undefined && trouble !== undefined) {
    tally(engine).known++;
  } else if (reason === undefined && trouble === undefined) {
    tally(engine).passed++;
  } else {
    tally(engine).failed++;
    const what = trouble ?? `agrees, though known.json says: ${reason}`;
    console.log(`FAILED ${label(run)} (${engine})\n${what.replace(/^/gm, "    ")}`);
  }
}

/** Works the cases off, several at a time. */
async function runAll() {
  const queue = cases.values();
  const worker = async () => {
    for (const run of queue) await runCase(run);
  };
  await Promise.all(Array.from({ length: Number(options.jobs) }, worker));
}

/** Prints one line an engine and the closing one; answers whether all is well. */
function summarise() {
  let [passed, failed] = [0, 0];
  for (const [engine, counts] of tallies) {
    if (counts.passed + counts.failed === 0) {
      console.log(`${engine}: no test was run, which counts as a failure`);
      counts.failed = 1;
    }
    console.log(
      `${engine}: ${counts.passed} passed, ${counts.failed} failed, ${counts.known} known to differ (known.json)`,
    );
    passed += counts.passed;
    failed += counts.failed;
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0;
}

if (options.list) {
  for (const run of cases) console.log(label(run));
} else {
  for (const engine of engines) {
    const lack = missing(engine);
    if (lack === undefined) continue;
    console.log(`${engine}: ${lack}\n0 passed, 1 failed`);
    process.exit(1);
  }
  await runAll();
  for (const engine of engines) await targets[engine]?.close?.();
  process.exitCode = summarise() ? 0 : 1;
}
