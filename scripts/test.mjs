/**
 * The whole test suite: `npm test`, or `npm test -- unit guest` for some of it; `--node PATH` runs the unit tests under
 * another Node.
 *
 * Suites run one after the other, and a suite that cannot run, or runs no test, has failed. The last line is
 * `N passed, N failed`, over all suites; the exit status is 0 if nothing failed.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ensureToolchain } from "./toolchain.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { node: { type: "string", default: process.execPath } },
});

/** @typedef {{ passed: number, failed: number }} Tally */

/** @type {Record<string, () => Promise<Tally> | Tally>} */
const suites = { toolchain, build, lint, unit, fuzz, guest, walk, explore, programs, network, image, docs };

const unknown = wanted.filter((name) => !Object.hasOwn(suites, name));
if (unknown.length > 0) {
  console.error(`no suite ${unknown.join(", ")}; there are ${Object.keys(suites).join(", ")}`);
  process.exit(2);
}

/** @type {{ name: string, tally: Tally, seconds: number }[]} */
const results = [];
for (const [name, suite] of Object.entries(suites)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  if (name === "programs" && !existsSync(join(root, "test/programs"))) continue;
  console.log(`\n== ${name}`);
  const start = performance.now();
  const tally = await suite();
  if (tally.passed + tally.failed === 0) {
    console.log(`${name}: no test was run, which counts as a failure`);
    tally.failed = 1;
  }
  results.push({ name, tally, seconds: (performance.now() - start) / 1000 });
  if (name === "build" && tally.failed > 0) break;
}

console.log("");
for (const { name, tally, seconds } of results)
  console.log(`${name.padEnd(10)} ${tally.passed} passed, ${tally.failed} failed (${seconds.toFixed(1)} s)`);
const total = (/** @type {keyof Tally} */ key) => results.reduce((sum, { tally }) => sum + tally[key], 0);
process.exitCode = total("failed") > 0 ? 1 : 0;
console.log(`${total("passed")} passed, ${total("failed")} failed`);

/** @returns {Tally} */
async function toolchain() {
  const troubles = await ensureToolchain();
  for (const trouble of troubles) console.log(trouble);
  return { passed: troubles.length > 0 ? 0 : 1, failed: troubles.length };
}

function build() {
  return succeeds("npm", ["run", "--silent", "build"]);
}

function lint() {
  return succeeds("npx", ["biome", "check", "--error-on-warnings", "."]);
}

/** The unit tests beside the sources, compiled. A test file whose source is gone is left over from earlier: not run. */
function unit() {
  const files = readdirSync(join(root, "dist"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.js") && existsSync(join(root, "src", file.replace(/js$/, "ts"))))
    .map((file) => join("dist", file))
    .sort();
  return nodeTests(options.node, files);
}

/** Random programs on both engines and QEMU; each extension counts as a test. */
async function fuzz() {
  const { status, output } = await stream(process.execPath, ["test/fuzz/run.mjs", "--instructions", "20000"]);
  const passed = output.match(/without a difference/g)?.length ?? 0;
  return { passed, failed: status === 0 ? 0 : 1 };
}

/** Random sequences of calls, answered as Linux answered them. */
async function walk() {
  return lastLine(await stream(process.execPath, ["test/walk/run.mjs"]));
}

/** The C programs of test/guest under every engine, and with every sleep's stack thrown away. */
async function guest() {
  return lastLine(
    await stream(process.execPath, ["test/guest/run.mjs", "--engine", "qemu,interp,wasm,discard,hostfs,volume"]),
  );
}

/** Programs under many orders of their threads: planted faults are found, and what must hold does. */
async function explore() {
  return lastLine(await stream(process.execPath, ["test/explore/run.mjs"]));
}

/** Published ports: a server on Drupe, and its clients here. */
async function network() {
  return lastLine(await stream(process.execPath, ["test/network/run.mjs"]));
}

/** Images, built and run. */
async function image() {
  return lastLine(await stream(process.execPath, ["test/image/run.mjs"]));
}

/** What the documents show. */
async function docs() {
  return lastLine(await stream(process.execPath, ["test/docs/run.mjs"]));
}

/** Real programs: a runner of its own, or tests for Node's runner. */
async function programs() {
  const folder = "test/programs";
  if (existsSync(join(root, folder, "run.mjs"))) return lastLine(await stream(process.execPath, [`${folder}/run.mjs`]));
  const files = readdirSync(join(root, folder)).filter((file) => /\.test\.m?js$/.test(file));
  return nodeTests(
    process.execPath,
    files.map((file) => join(folder, file)),
  );
}

/**
 * Runs test files with Node's own runner; a skipped test has to say why.
 * @param {string} node
 * @param {string[]} files
 * @returns {Promise<Tally>}
 */
async function nodeTests(node, files) {
  if (files.length === 0) return { passed: 0, failed: 0 };
  const folder = mkdtempSync(join(tmpdir(), "drupe-test-"));
  const report = join(folder, "report.tap");
  const reporters = ["--test-reporter=dot", "--test-reporter-destination=stdout"];
  reporters.push("--test-reporter=tap", `--test-reporter-destination=${report}`);
  try {
    const { status } = await stream(node, ["--test", ...reporters, ...files]);
    const tap = existsSync(report) ? readFileSync(report, "utf8") : "";
    const count = (/** @type {string} */ key) => Number(new RegExp(`^# ${key} (\\d+)$`, "m").exec(tap)?.[1] ?? 0);
    const silent = tap.match(/# SKIP\s*$/gm)?.length ?? 0;
    if (silent > 0) console.log(`${silent} tests were skipped without a reason`);
    for (const [, name, reason] of tap.matchAll(/ok \d+ - (.*) # SKIP (.+)$/gm))
      console.log(`skipped ${name}: ${reason}`);
    const failed = count("fail") + count("cancelled") + silent;
    return { passed: count("pass"), failed: failed === 0 && status !== 0 ? 1 : failed };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<Tally>}
 */
async function succeeds(command, args) {
  const { status } = await stream(command, args);
  return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/**
 * Takes a tally from the closing line `N passed, N failed` of a runner.
 * @param {{ status: number, output: string }} result
 * @returns {Tally}
 */
function lastLine({ status, output }) {
  const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(output) ?? [];
  if (passed === undefined || (status !== 0 && failed === "0")) return { passed: 0, failed: 1 };
  return { passed: Number(passed), failed: Number(failed) };
}

/**
 * Runs a command in the root of the checkout, shows its output as it comes, and keeps it.
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<{ status: number, output: string }>}
 */
function stream(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.on("error", (error) => {
      console.log(String(error));
      resolve({ status: 127, output });
    });
    child.on("close", (code) => resolve({ status: code ?? 1, output }));
  });
}
