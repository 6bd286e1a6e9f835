/**
 * Runs `drupe explore` on programs with a planted fault, which it must find and replay, and on one without, which must hold
 * under every order: `node test/explore/run.mjs [--runs N]`. The last line is `N passed, N failed`.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cliPath } from "../../scripts/cli-path.mjs";
import { build } from "../guest/harness/build.mjs";

const { values: options } = parseArgs({ options: { runs: { type: "string", default: "200" } } });

/** How many seeds a planted fault may take. */
const SEEDS = "500";

/**
 * What each planted fault is found by.
 * @type {Record<string, RegExp>}
 */
const PLANTED = {
  "lost-wakeup": /^seed \d+ hangs: .*\n {2}lost-wakeup \(process 1\) waits in futex\(0x[0-9a-f]+, FUTEX_WAIT/,
  deadlock: /^seed \d+ hangs: .*\n {2}deadlock \(process 1\) .*\n {2}deadlock \(process 1, thread 2\) waits in futex/,
  "data-race": /^seed \d+ differs from seed 1 in line 1 of stdout\n {2}- \d+\n {2}\+ \d+\n/,
};

/** Runs `drupe explore`; answers its status and output. */
function explore(/** @type {string[]} */ ...args) {
  const result = spawnSync(process.execPath, [cliPath, "explore", ...args], { encoding: "utf8", timeout: 300_000 });
  return { status: result.status, stdout: result.stdout, stderr: result.stderr };
}

const program = (/** @type {string} */ name) =>
  build({
    compiler: "riscv64-linux-gnu-gcc",
    source: join(import.meta.dirname, `${name}.c`),
    flags: ["-pthread"],
    link: "static",
  });

/** A planted fault is found, by the same seed each time, and the command that is given shows it again. */
async function finds(/** @type {string} */ name, /** @type {RegExp} */ wanted) {
  const path = await program(name);
  const found = explore("-n", SEEDS, path);
  if (found.status !== 1 || !wanted.test(found.stdout)) return `was not found: ${found.stdout}${found.stderr}`;
  if (explore("-n", SEEDS, path).stdout !== found.stdout) return "another exploration came to another end";
  const [, seed = ""] = /Replay it with: drupe explore --seed (\d+) /.exec(found.stdout) ?? [];
  const [once, twice] = [explore("--seed", seed, path), explore("--seed", seed, path)];
  if (once.stderr !== twice.stderr || once.stdout !== twice.stdout) return `seed ${seed} is not always the same run`;
  const shown = found.stdout.includes("hangs")
    ? /hangs/.test(once.stderr)
    : found.stdout.includes(`  + ${once.stdout}`);
  return shown ? undefined : `seed ${seed} does not show it again: ${once.stdout}${once.stderr}`;
}

/** Every order ends as the first one does. */
async function holds(/** @type {string[]} */ ...flags) {
  const { status, stdout, stderr } = explore("-n", options.runs, ...flags, await program("torture"));
  return status === 0 ? undefined : stdout + stderr;
}

/** @type {[string, Promise<string | undefined>][]} */
const results = [
  ...Object.entries(PLANTED).map(
    ([name, wanted]) => /** @type {[string, Promise<string | undefined>]} */ ([name, finds(name, wanted)]),
  ),
  ["torture", holds()],
  ["torture, stacks of sleeping calls thrown away", holds("--discard-sleeps")],
];
let failed = 0;
for (const [name, result] of results) {
  const trouble = await result;
  console.log(`${trouble === undefined ? "ok  " : "FAIL"} ${name}`);
  if (trouble === undefined) continue;
  failed++;
  console.log(trouble.replace(/^/gm, "     "));
}
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
