import { availableHosts, cProgram } from "../lib/hosts.mjs";
import { measure } from "../lib/measure.mjs";
import { median } from "../lib/statistics.mjs";
import { printTable } from "../lib/table.mjs";

/**
 * The null system call: nanoseconds of processor time for one getppid through syscall(3), loop and libc included. The cost
 * of starting is taken out by a run of a tenth of the calls; Drupe makes ten times as many, or it would be lost in that.
 * @param {{ rounds: number, quick: boolean }} options
 */
export async function syscall({ rounds, quick }) {
  const natively = quick ? 2_000_000 : 10_000_000;
  const hosts = availableHosts();
  /** @type {Record<string, number[]>} */
  const nanoseconds = Object.fromEntries(hosts.map((host) => [host, []]));
  for (let round = 0; round < rounds; round++)
    for (const host of hosts) {
      const calls = host === "drupe" ? 10 * natively : natively;
      const tenth = await measure(await cProgram(host, "null.c", [String(calls / 10)]));
      const whole = await measure(await cProgram(host, "null.c", [String(calls)]));
      nanoseconds[host]?.push(((whole.cpu - tenth.cpu) * 1e9) / (0.9 * calls));
    }
  const native = median(nanoseconds.native ?? []);
  const rows = hosts.map((host) => ({ host, nanoseconds: median(nanoseconds[host] ?? []) }));
  printTable(
    ["null system call", "ns", "native = 1"],
    rows.map((row) => [row.host, row.nanoseconds, (row.nanoseconds / native).toFixed(3)]),
  );
  return rows.map((row) => ({ ...row, ratio: row.nanoseconds / native }));
}
