import { existsSync } from "node:fs";
import { join } from "node:path";
import { cliPath } from "../../scripts/cli-path.mjs";
import { compile, resultsFolder } from "./measure.mjs";

/** What runs a program: the processor itself, QEMU's user emulation, or Drupe. */
export const HOSTS = /** @type {const} */ (["native", "qemu", "drupe"]);
/** @typedef {typeof HOSTS[number]} Host */

/** The hosts that can be used; Drupe is left out, aloud, when it is not built. */
export function availableHosts() {
  if (existsSync(cliPath)) return HOSTS;
  console.log(`drupe is not built (no ${cliPath}): native and qemu alone`);
  return HOSTS.filter((host) => host !== "drupe");
}

/** Caches of the benchmark's own, so that no earlier run of Drupe counts. */
export const DRUPE_ENV = { DRUPE_CACHE: join(resultsFolder, "cache") };

/** A run of Drupe. Whole-process figures include translation: the cache on disk is off unless it is asked for. */
export function drupe(/** @type {string[]} */ args, { cached = false } = {}) {
  return [process.execPath, cliPath, "run", "--quiet", ...(cached ? [] : ["--no-cache"]), ...args];
}

/**
 * The command that runs a C program of this folder on a host.
 * @param {Host} host
 * @param {string} source
 * @param {string[]} args
 */
export async function cProgram(host, source, args) {
  if (host === "native") return [await compile({ compiler: "gcc", source }), ...args];
  const program = await compile({ compiler: "riscv64-linux-gnu-gcc", source, flags: ["-static"] });
  return host === "qemu" ? ["qemu-riscv64", program, ...args] : drupe([program, ...args]);
}
