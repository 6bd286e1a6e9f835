import { availableHosts, cProgram, DRUPE_ENV, drupe } from "../lib/hosts.mjs";
import { compile, measure } from "../lib/measure.mjs";
import { median } from "../lib/statistics.mjs";
import { printTable } from "../lib/table.mjs";

/**
 * Starting and ending: wall and processor milliseconds and peak memory of a static hello, beside an empty Node.
 * @param {{ rounds: number, quick: boolean }} options
 */
export async function start({ rounds, quick }) {
  const repeats = quick ? 3 : Math.max(10, rounds);
  /** @type {Record<string, string[]>} */
  const commands = { "node -e ''": [process.execPath, "-e", ""] };
  for (const host of availableHosts()) commands[`hello, ${host}`] = await cProgram(host, "hello.c", []);
  if (commands["hello, drupe"]) {
    const program = await compile({ compiler: "riscv64-linux-gnu-gcc", source: "hello.c", flags: ["-static"] });
    commands["hello, drupe, cached"] = drupe([program], { cached: true });
    await measure(commands["hello, drupe, cached"], { env: DRUPE_ENV });
  }
  /** @type {Map<string, import("../lib/measure.mjs").Sample[]>} */
  const samples = new Map(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round < repeats; round++)
    for (const [name, command] of Object.entries(commands))
      samples.get(name)?.push(await measure(command, { env: DRUPE_ENV }));
  const rows = [...samples].map(([name, all]) => ({
    name,
    wallMs: median(all.map((sample) => sample.wall * 1000)),
    cpuMs: median(all.map((sample) => sample.cpu * 1000)),
    peakMiB: median(all.map((sample) => sample.peakKiB / 1024)),
  }));
  const [node] = rows;
  printTable(
    ["start to exit", "wall ms", "over node", "CPU ms", "peak MiB", "over node"],
    rows.map((row) => [
      row.name,
      row.wallMs,
      row.wallMs - (node?.wallMs ?? 0),
      row.cpuMs,
      row.peakMiB,
      row.peakMiB - (node?.peakMiB ?? 0),
    ]),
  );
  return rows;
}
