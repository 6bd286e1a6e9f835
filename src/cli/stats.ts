import type { MachineStats } from "../api/index.ts";

/** Prints what the engine did, one figure a line. */
export function formatStats(stats: MachineStats): string {
  const { engine } = stats;
  const all = engine.interpreted + engine.translated;
  const share = all === 0 ? 0 : (100 * engine.translated) / all;
  const rows: readonly (readonly [string, string])[] = [
    ["instructions", `${all.toLocaleString("en")}`],
    ["in translated code", `${share.toFixed(2)} %`],
    ["regions", `${engine.regions}`],
    ["modules", `${engine.modules} (${engine.cacheHits} from the cache)`],
    ["guest code translated", bytes(engine.guestBytes)],
    ["WebAssembly made of it", bytes(engine.wasmBytes)],
    ["translating", `${engine.translateMs.toFixed(1)} ms`],
    ["compiling", `${engine.compileMs.toFixed(1)} ms`],
    ["guest memory, peak", bytes(stats.peakMemory)],
    ["process memory, peak", bytes(process.resourceUsage().maxRSS * 1024)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `drupe: ${name.padEnd(width)}  ${value}\n`).join("");
}

function bytes(count: number): string {
  if (count < 2 ** 20) return `${(count / 2 ** 10).toFixed(1)} KiB`;
  return `${(count / 2 ** 20).toFixed(1)} MiB`;
}
