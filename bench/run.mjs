/**
 * The benchmarks: `npm run bench -- [--only REGEX] [--suite start,images,…] [--rounds N] [--quick]`.
 *
 * Every workload runs natively, under QEMU's user emulation and under Drupe in turn, in one session, because a machine's
 * speed drifts; what counts is the ratio within a round, and its median. Figures are processor time (user and system, all
 * threads, translation included) unless they say otherwise. Tables go to standard output, everything to a JSON file under
 * bench/results/.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ensureToolchain } from "../scripts/toolchain.mjs";
import { attempt, failures } from "./lib/attempt.mjs";
import { resultsFolder } from "./lib/measure.mjs";
import { images } from "./suites/images.mjs";
import { kernels } from "./suites/kernels.mjs";
import { programs } from "./suites/programs.mjs";
import { start } from "./suites/start.mjs";
import { syscall } from "./suites/syscall.mjs";
import { tasks } from "./suites/tasks.mjs";

/** @type {Record<string, (options: { rounds: number, quick: boolean, only: RegExp }) => Promise<unknown>>} */
const suites = { start, images, syscall, tasks, kernels, programs };

const values = asked();
const options = {
  quick: values.quick,
  rounds: Number(values.rounds ?? (values.quick ? 1 : 3)),
  only: new RegExp(values.only),
};

const troubles = await ensureToolchain();
if (troubles.length > 0) {
  for (const trouble of troubles) console.error(trouble);
  process.exit(1);
}
mkdirSync(resultsFolder, { recursive: true });

/** @type {Record<string, unknown>} */
const results = {
  date: new Date().toISOString(),
  commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: import.meta.dirname, encoding: "utf8" }).trim(),
  node: process.version,
  v8: process.versions.v8,
  processor: `${cpus().length} x ${cpus()[0]?.model}`,
  quick: options.quick,
  rounds: options.rounds,
};
console.log(`Node ${process.version}, V8 ${process.versions.v8}, ${results.processor}, ${options.rounds} rounds\n`);
for (const name of values.suite.split(",")) {
  results[name] = await attempt(name, suites[name](options));
  console.log("");
}
results.failures = failures;
const file = join(resultsFolder, `${String(results.date).replaceAll(":", "-")}.json`);
writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
console.log(file);
if (failures.length > 0) {
  console.log(`${failures.length} measurements failed:\n${failures.join("\n")}`);
  process.exitCode = 1;
}

/** What the command line asks for; ends with a message if it asks for what there is not. */
function asked() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: "string", default: "" },
        suite: { type: "string", default: Object.keys(suites).join() },
        rounds: { type: "string" },
        quick: { type: "boolean", default: false },
      },
    });
    const unknown = values.suite.split(",").filter((name) => !Object.hasOwn(suites, name));
    if (unknown.length > 0) throw new Error(`there is no suite ${unknown.join(", ")}`);
    if (values.rounds !== undefined && !/^[1-9][0-9]*$/.test(values.rounds))
      throw new Error(`--rounds is a number from 1 on, not ${values.rounds}`);
    new RegExp(values.only);
    return values;
  } catch (error) {
    const why = error instanceof Error ? error.message.split(". To ")[0] : error;
    console.error(`bench: ${why}`);
    console.error("  npm run bench -- [--suite NAME,…] [--only REGEX] [--rounds N] [--quick]");
    console.error(`  suites: ${Object.keys(suites).join(", ")}`);
    process.exit(2);
  }
}
