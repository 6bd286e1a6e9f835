import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { attempt } from "../lib/attempt.mjs";
import { availableHosts, cProgram } from "../lib/hosts.mjs";
import { benchFolder, measure } from "../lib/measure.mjs";
import { geometricMean, median } from "../lib/statistics.mjs";
import { printTable } from "../lib/table.mjs";

/** @typedef {import("../lib/hosts.mjs").Host} Host */
/** @typedef {{ rounds: number, quick: boolean, only: RegExp }} Options */
/** @typedef {{ name: string, nativeSeconds: number, qemu?: number, drupe?: number, steady?: number }} Row */

/** With --quick a kernel runs this many times shorter: the ratios then say more of start-up than of speed. */
const QUICK = 8;

/**
 * C kernels: whole-process processor time as a multiple of native, medians over the rounds. The steady state is the cost
 * of doing as much again: (drupe 2n - drupe n) / (native 2n - native n).
 * @param {Options} options
 */
export async function kernels({ rounds, quick, only }) {
  const folder = join(benchFolder, "kernels");
  const sources = readdirSync(folder).filter((file) => file.endsWith(".c") && only.test(basename(file, ".c")));
  /** @type {Row[]} */
  const rows = [];
  for (const source of sources) rows.push(await kernel(join("kernels", source), rounds, quick));
  const mean = (/** @type {"qemu" | "drupe" | "steady"} */ key) => {
    const values = rows.flatMap((row) => row[key] ?? []);
    return values.length > 0 ? geometricMean(values) : undefined;
  };
  const means = { qemu: mean("qemu"), drupe: mean("drupe"), steady: mean("steady") };
  printTable(
    ["kernel (CPU time, native = 1)", "native s", "qemu", "drupe", "drupe steady", "qemu / drupe"],
    [
      ...rows.map((row) => [
        row.name,
        row.nativeSeconds,
        row.qemu,
        row.drupe,
        row.steady,
        quotient(row.qemu, row.drupe),
      ]),
      ["geometric mean", "", means.qemu, means.drupe, means.steady, quotient(means.qemu, means.drupe)],
    ],
  );
  return { rows, means };
}

const quotient = (/** @type {number | undefined} */ a, /** @type {number | undefined} */ b) => a && b && a / b;

/**
 * @param {string} source
 * @param {number} rounds
 * @param {boolean} quick
 * @returns {Promise<Row>}
 */
async function kernel(source, rounds, quick) {
  const name = basename(source, ".c");
  const count = Math.ceil(defaultCount(source) / (quick ? QUICK : 1));
  const hosts = availableHosts();
  /** @type {Record<string, number[]>} */
  const ratios = { native: [], qemu: [], drupe: [], steady: [] };
  for (let round = 0; round < rounds; round++) {
    const once = await runAll(source, count, hosts);
    for (const host of hosts)
      if (once[host]) ratios[host]?.push(once[host] / (host === "native" ? 1 : Number(once.native)));
    if (quick || !once.drupe) continue;
    const twice = await runAll(source, 2 * count, ["native", "drupe"]);
    if (twice.drupe) ratios.steady?.push((twice.drupe - once.drupe) / (Number(twice.native) - Number(once.native)));
  }
  const middle = (/** @type {string} */ key) => (ratios[key]?.length ? { [key]: median(ratios[key]) } : {});
  const row = {
    name,
    nativeSeconds: median(ratios.native ?? []),
    ...middle("qemu"),
    ...middle("drupe"),
    ...middle("steady"),
  };
  console.error(JSON.stringify(row));
  return row;
}

/**
 * Runs a kernel once on each host, one after the other; the checksums must agree.
 * @param {string} source
 * @param {number} count
 * @param {readonly Host[]} hosts
 * @returns {Promise<Partial<Record<Host, number>>>}
 */
async function runAll(source, count, hosts) {
  /** @type {Partial<Record<Host, number>>} */
  const seconds = {};
  /** @type {string | undefined} */
  let checksum;
  for (const host of hosts) {
    const sample = await attempt(`${source}, ${host}`, checked(host, source, count, checksum));
    if (!sample) continue;
    checksum ??= sample.output;
    seconds[host] = sample.cpu;
  }
  return seconds;
}

/**
 * Measures one run, and compares what it prints if it is known what that is.
 * @param {Host} host
 * @param {string} source
 * @param {number} count
 * @param {string | undefined} checksum
 */
async function checked(host, source, count, checksum) {
  const sample = await measure(await cProgram(host, source, [String(count)]));
  if (checksum === undefined || sample.output === checksum) return sample;
  throw new Error(`it prints ${sample.output.trim()}, natively ${checksum.trim()}`);
}

/** The count that the kernel itself runs when it is given none. */
function defaultCount(/** @type {string} */ source) {
  const match = /iterations\(argc, argv, (\d+)\)/.exec(readFileSync(join(benchFolder, source), "utf8"));
  if (!match) throw new Error(`${source} has no default count`);
  return Number(match[1]);
}
