import { readFileSync } from "node:fs";
import { runOn } from "./targets.mjs";

/** @typedef {import("./targets.mjs").Case} Case */
/** @typedef {import("./execute.mjs").Outcome} Outcome */

/**
 * What a run should end in: any of the statuses, and this text unless it is undefined.
 * @typedef {{ statuses: number[], stdout: string | undefined }} Expectation
 */

/**
 * Asks the oracle of a case.
 * @param {Case} run
 * @returns {Promise<Expectation>}
 */
export async function expectation(run) {
  const [kind, ...statuses] = run.test.oracle;
  if (kind === "status") return { statuses: statuses.map(Number), stdout: undefined };
  if (kind === "expect") {
    const text = readFileSync(run.test.source.replace(/\.c$/, ".expect"), "latin1");
    if (!text.startsWith("# ")) throw new Error(`${run.test.name}.expect does not say why it is there`);
    return { statuses: [0], stdout: text.slice(text.indexOf("\n") + 1) };
  }
  const outcome = await runOn("native", run);
  if (outcome.timedOut) throw new Error(`${run.test.name} hangs natively`);
  return { statuses: [outcome.status], stdout: outcome.stdout };
}

/**
 * Compares an outcome with what was expected: undefined if they agree, else an account of the difference.
 * @param {Outcome} outcome
 * @param {Expectation} expected
 * @returns {string | undefined}
 */
export function difference(outcome, expected) {
  const lines = [];
  if (outcome.timedOut) lines.push("timed out");
  else if (!expected.statuses.includes(outcome.status))
    lines.push(`status ${outcome.status}, expected ${expected.statuses.join(" or ")}`);
  if (expected.stdout !== undefined && outcome.stdout !== expected.stdout)
    lines.push(...firstDifferences(outcome.stdout.split("\n"), expected.stdout.split("\n")));
  if (lines.length === 0) return undefined;
  const said = outcome.stderr.trim().split("\n").filter(Boolean).slice(-6);
  return [...lines, ...said.map((line) => `stderr: ${line}`)].join("\n");
}

const SHOWN = 8;

/**
 * The first few lines that differ, by position: a guest test prints the same number of lines whatever the answers are.
 * @param {string[]} got
 * @param {string[]} wanted
 */
function firstDifferences(got, wanted) {
  const lines = [];
  for (let i = 0; i < Math.max(got.length, wanted.length) && lines.length < 2 * SHOWN; i++)
    if (got[i] !== wanted[i]) {
      if (wanted[i] !== undefined) lines.push(`- ${wanted[i]}`);
      if (got[i] !== undefined) lines.push(`+ ${got[i]}`);
    }
  return lines;
}
