import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cliPath } from "../../scripts/cli-path.mjs";
import { attempt } from "../lib/attempt.mjs";
import { availableHosts, DRUPE_ENV, drupe } from "../lib/hosts.mjs";
import { measure, resultsFolder } from "../lib/measure.mjs";
import { median } from "../lib/statistics.mjs";
import { printTable } from "../lib/table.mjs";
import { LOADER, prepareCompetitors, prepareRoot } from "./programs.mjs";

const PRINT = ["-c", "print(1)"];
const INTERPRETED = ["--ahead", "none", "--runtime", "interpret"];
const RECORDED = ["--start", "recorded"];

/** Images of python3, by name: how they are built. */
const IMAGES = {
  image: [],
  "image, what is hot": ["--ahead", "startup"],
  "image, interpreted": INTERPRETED,
  "image, recorded": RECORDED,
  "image, recorded, interpreted": [...RECORDED, ...INTERPRETED],
};

/**
 * A start of `python3 -c 'print(1)'`: natively, by pyodide, by `drupe run`, from images; beside an empty Node. Caches are warm. The
 * least of all rounds is what a start takes, the median what it took on this machine beside everything else.
 * @param {{ rounds: number, quick: boolean }} options
 */
export async function images({ rounds, quick }) {
  const repeats = quick ? 3 : Math.max(9, rounds);
  const starts = commands();
  /** @type {Map<string, import("../lib/measure.mjs").Sample[]>} */
  const samples = new Map(Object.keys(starts).map((name) => [name, []]));
  for (let round = -1; round < repeats; round++)
    for (const [name, command] of Object.entries(starts)) {
      const sample = await attempt(`${name}, start`, measure(command, { env: DRUPE_ENV }));
      // The first one fills caches.
      if (sample && round >= 0) samples.get(name)?.push(sample);
    }
  const rows = [...samples].map(([name, all]) => {
    const cpuMs = all.map(({ cpu }) => cpu * 1000);
    const wallMs = all.map(({ wall }) => wall * 1000);
    return {
      name,
      cpuMs: { least: Math.min(...cpuMs), median: median(cpuMs) },
      wallMs: { least: Math.min(...wallMs), median: median(wallMs) },
      peakMiB: median(all.map(({ peakKiB }) => peakKiB / 1024)),
    };
  });
  printTable(
    ["python3 -c 'print(1)'", "CPU ms", "median", "wall ms", "median", "peak MiB"],
    rows.map(({ name, cpuMs, wallMs, peakMiB }) => [
      name,
      cpuMs.least,
      cpuMs.median,
      wallMs.least,
      wallMs.median,
      peakMiB,
    ]),
  );
  return rows;
}

/** @returns {Record<string, string[]>} */
function commands() {
  const script = join(resultsFolder, "print.py");
  writeFileSync(script, "print(1)\n");
  const root = prepareRoot("amd64");
  /** @type {Record<string, string[]>} */
  const all = {
    "node -e ''": [process.execPath, "-e", ""],
    native: [
      ...["env", `PYTHONHOME=${root}/usr`, join(root, LOADER)],
      ...["--library-path", `${root}/usr/lib/x86_64-linux-gnu`, `${root}/usr/bin/python3.13`, ...PRINT],
    ],
    pyodide: [process.execPath, join(prepareCompetitors(), "python.mjs"), script],
  };
  if (!availableHosts().includes("drupe")) return all;
  all["drupe run"] = drupe(["debian:python3", "--", ...PRINT], { cached: true });
  all["drupe run, interp"] = drupe(["--engine", "interp", "debian:python3", "--", ...PRINT], { cached: true });
  for (const [name, flags] of Object.entries(IMAGES)) all[name] = [process.execPath, build(name, flags)];
  return all;
}

/** Builds an image of python3, unless there is one that is newer than Drupe; answers its script. */
function build(/** @type {string} */ name, /** @type {string[]} */ flags) {
  const folder = join(resultsFolder, "images", name.replaceAll(", ", "-").replaceAll(" ", "-"));
  const script = join(folder, "image.mjs");
  if (existsSync(script) && statSync(script).mtimeMs > statSync(cliPath).mtimeMs) return script;
  mkdirSync(join(resultsFolder, "images"), { recursive: true });
  const args = ["build", "--quiet", ...flags, "-o", folder, "debian:python3", "--", "/usr/bin/python3", ...PRINT];
  execFileSync(process.execPath, [cliPath, ...args], { env: { ...process.env, ...DRUPE_ENV }, stdio: "ignore" });
  return script;
}
