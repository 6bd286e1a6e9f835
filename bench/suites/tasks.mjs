import { availableHosts, cProgram } from "../lib/hosts.mjs";
import { measure } from "../lib/measure.mjs";
import { median } from "../lib/statistics.mjs";
import { printTable } from "../lib/table.mjs";

/**
 * Rows of tasks.c: how often it is done for a figure, which is often enough that starting, translating, and the host's compiling of
 * the kernel count little, and what it may cost at most with native = 1. One operation of `contended-mutex` is one passage of one of 8 threads, of
 * `broadcast` the waking of 100, of `sleepers` one of 10,000 threads, which are started once.
 */
const ROWS = /** @type {const} */ ([
  { name: "uncontended-mutex", count: 500_000_000, limit: 3 },
  { name: "contended-mutex", count: 5_000_000 },
  { name: "futex-ping-pong", count: 500_000, limit: 0.05 },
  { name: "broadcast", count: 3_000 },
  { name: "signal-to-self", count: 1_000_000, limit: 0.25 },
  { name: "signal-ping-pong", count: 200_000 },
  { name: "pipe-ping-pong", count: 200_000, limit: 0.1 },
  { name: "create-join", count: 200_000, limit: 0.5 },
  { name: "fork-exit", count: 20_000, limit: 1 },
  { name: "fork-exec-wait", count: 500, limit: 5 },
  { name: "sleepers", count: 10_000 },
]);

/** A second run does so many times less; what the first one costs beyond it is what doing it again and again costs. */
const SHORTER = 5;

/** QEMU does so many times less of everything, because it is slow and has nothing to compile. Sleepers are 10,000 or none. */
const FEWER_UNDER_QEMU = 10;

/** @typedef {{ wall: number, cpu: number }} Cost microseconds an operation; NaN if it could not be measured */

/**
 * Processes, threads, signals and futexes: microseconds an operation, by the wall clock inside the program, which starting and
 * sleeping count in, and processor time of the whole process in the long run.
 * @param {{ rounds: number, quick: boolean, only: RegExp }} options
 */
export async function tasks({ rounds, quick, only }) {
  const hosts = availableHosts();
  const rows = [];
  for (const { name, count, ...rest } of ROWS.filter((row) => only.test(row.name))) {
    const times = Math.ceil(count / (quick && name !== "sleepers" ? 10 : 1));
    /** @type {Record<string, Cost[]>} */
    const costs = Object.fromEntries(hosts.map((host) => [host, []]));
    for (let round = 0; round < rounds; round++)
      for (const host of hosts) costs[host]?.push(await costOf(host, name, times));
    const of = (/** @type {keyof Cost} */ what) => {
      const values = (/** @type {string} */ host) => (costs[host] ?? []).map((cost) => cost[what]);
      const native = values("native");
      return {
        native: median(native),
        qemu: median(values("qemu")),
        drupe: median(values("drupe")),
        ratio: median(values("drupe").map((value, round) => value / (native[round] ?? Number.NaN))),
      };
    };
    rows.push({ name, wall: of("wall"), cpu: of("cpu"), limit: "limit" in rest ? rest.limit : undefined });
  }
  for (const what of /** @type {const} */ (["wall", "cpu"]))
    printTable(
      [`tasks, us of ${what} time`, "native", "qemu", "drupe", "native = 1", "at most"],
      rows.map(({ name, limit, ...row }) => [
        name,
        ...[row[what].native, row[what].qemu, row[what].drupe, row[what].ratio].map(shown),
        limit === undefined ? "" : String(limit),
      ]),
    );
  return rows;
}

/** @param {number} value */
function shown(value) {
  return Number.isNaN(value) ? undefined : value.toFixed(3);
}

/**
 * @param {import("../lib/hosts.mjs").Host} host
 * @param {string} name
 * @param {number} count
 * @returns {Promise<Cost>}
 */
async function costOf(host, name, count) {
  const times = host === "qemu" && name !== "sleepers" ? Math.ceil(count / FEWER_UNDER_QEMU) : count;
  const fewer = name === "sleepers" ? 0 : Math.ceil(times / SHORTER);
  try {
    const long = await measure(await cProgram(host, "tasks.c", [name, String(times)]));
    const short = await measure(await cProgram(host, "tasks.c", [name, String(fewer)]));
    return { wall: Number(long.output) / 1e3, cpu: ((long.cpu - short.cpu) * 1e6) / (times - fewer) };
  } catch {
    return { wall: Number.NaN, cpu: Number.NaN };
  }
}
