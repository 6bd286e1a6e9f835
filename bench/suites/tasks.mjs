import { availableHosts, cProgram } from "../lib/hosts.mjs";
import { measure } from "../lib/measure.mjs";
import { median } from "../lib/statistics.mjs";
import { printTable } from "../lib/table.mjs";

/**
 * Rows of tasks.c: how often it is done for a figure, and what it may cost at most with native = 1. One operation of
 * `contended-mutex` is one passage of one of 8 threads, of `broadcast` the waking of 100, of `sleepers` one of 10,000 threads.
 */
const ROWS = /** @type {const} */ ([
  { name: "uncontended-mutex", count: 20_000_000, limit: 3 },
  { name: "contended-mutex", count: 2_000_000 },
  { name: "futex-ping-pong", count: 50_000, limit: 0.05 },
  { name: "broadcast", count: 300 },
  { name: "signal-to-self", count: 100_000, limit: 0.25 },
  { name: "signal-ping-pong", count: 20_000 },
  { name: "pipe-ping-pong", count: 20_000, limit: 0.1 },
  { name: "create-join", count: 5_000, limit: 0.5 },
  { name: "fork-exit", count: 1_000, limit: 1 },
  { name: "fork-exec-wait", count: 300, limit: 5 },
  { name: "sleepers", count: 10_000 },
]);

/**
 * Processes, threads, signals and futexes: microseconds of wall time an operation, which sleeps count in, measured inside the
 * program.
 * @param {{ rounds: number, quick: boolean, only: RegExp }} options
 */
export async function tasks({ rounds, quick, only }) {
  const hosts = availableHosts();
  const rows = [];
  for (const { name, count, ...rest } of ROWS.filter((row) => only.test(row.name))) {
    const times = Math.ceil(count / (quick && name !== "sleepers" ? 10 : 1));
    /** @type {Record<string, number[]>} */
    const ns = Object.fromEntries(hosts.map((host) => [host, []]));
    for (let round = 0; round < rounds; round++)
      for (const host of hosts) {
        const command = await cProgram(host, "tasks.c", [name, String(times)]);
        ns[host]?.push(
          await measure(command).then(
            ({ output }) => Number(output),
            () => Number.NaN,
          ),
        );
      }
    const of = (/** @type {string} */ host) => median(ns[host] ?? []);
    const ratio = median((ns.drupe ?? []).map((value, round) => value / (ns.native?.[round] ?? Number.NaN)));
    rows.push({
      name,
      native: of("native"),
      qemu: of("qemu"),
      drupe: of("drupe"),
      ratio,
      limit: "limit" in rest ? rest.limit : undefined,
    });
  }
  const us = (/** @type {number} */ value) => (Number.isNaN(value) ? undefined : (value / 1000).toFixed(3));
  printTable(
    ["tasks, us an operation", "native", "qemu", "drupe", "native = 1", "at most"],
    rows.map(({ name, native, qemu, drupe, ratio, limit }) => [
      name,
      us(native),
      us(qemu),
      us(drupe),
      Number.isNaN(ratio) ? undefined : ratio.toFixed(3),
      limit === undefined ? "" : String(limit),
    ]),
  );
  return rows;
}
