import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cache, unpackPackages } from "../../scripts/debian.mjs";
import { attempt } from "../lib/attempt.mjs";
import { availableHosts, drupe } from "../lib/hosts.mjs";
import { benchFolder, measure, resultsFolder } from "../lib/measure.mjs";
import { median } from "../lib/statistics.mjs";
import { printTable } from "../lib/table.mjs";

/** @typedef {import("../lib/measure.mjs").Sample} Sample */

/**
 * A real program and its work. A path in `args` that begins with `@` is a file of the data folder, wherever that is seen;
 * the count goes where `args` puts it.
 * @typedef {object} Workload
 * @property {string} name
 * @property {string} program
 * @property {number} count two seconds and more of native work
 * @property {(count: number) => string[]} args
 * @property {string} [competitor] a file of bench/competitors and the script that it is given
 * @property {string} [script]
 */

/** @type {Workload[]} */
const WORKLOADS = [
  {
    name: "lua5.4",
    program: "lua5.4",
    count: 24,
    args: (n) => ["@mix.lua", String(n)],
    competitor: "lua",
    script: "mix.lua",
  },
  {
    name: "sqlite3",
    program: "sqlite3",
    count: 6,
    args: (n) => [":memory:", ...Array(n).fill(".read @mix.sql")],
    competitor: "sql",
    script: "mix.sql",
  },
  {
    name: "python3",
    program: "python3.13",
    count: 30,
    args: (n) => ["@mix.py", String(n)],
    competitor: "python",
    script: "mix.py",
  },
  { name: "xz", program: "xz", count: 1, args: () => ["-T1", "-1", "-kc", "@text"] },
  { name: "xz -d", program: "xz", count: 24, args: (n) => ["-T1", "-dkc", ...Array(n).fill("@text.xz")] },
  {
    name: "zstd",
    program: "zstd",
    count: 3,
    args: (n) => ["--single-thread", "--no-asyncio", "-qc", "-12", ...Array(n).fill("@text")],
  },
];

const PACKAGES = ["lua5.4", "sqlite3", "python3", "xz-utils", "zstd"];
const TEXT_BYTES = 8 << 20;
export const LOADER = "usr/lib64/ld-linux-x86-64.so.2";

/**
 * Debian's own programs, the same release natively (its amd64 packages) and as guests (its riscv64 packages), and beside
 * them what npm has for the same job. Processor time, native = 1; start is the wall time of a run with nothing to do.
 * @param {{ rounds: number, quick: boolean, only: RegExp }} options
 */
export async function programs({ rounds, quick, only }) {
  const data = prepareData();
  const roots = { amd64: prepareRoot("amd64"), riscv64: prepareRoot("riscv64") };
  const rows = [];
  for (const workload of WORKLOADS.filter(({ name }) => only.test(name)))
    rows.push(await compare(workload, commands(workload, data, roots), quick ? 1 : rounds, quick));
  printTable(
    [
      "program (CPU time, native = 1)",
      "native s",
      "qemu",
      "drupe",
      "npm",
      "drupe / npm",
      "drupe start ms",
      "npm start ms",
    ],
    rows.map(({ name, seconds, ratios, startMs }) => [
      name,
      seconds,
      ratios.qemu,
      ratios.drupe,
      ratios.npm,
      ratios.drupe && ratios.npm && ratios.drupe / ratios.npm,
      startMs.drupe,
      startMs.npm,
    ]),
  );
  return rows;
}

/**
 * @param {Workload} workload
 * @param {Record<string, (count: number) => string[]>} command one for each contestant
 * @param {number} rounds
 * @param {boolean} quick
 */
async function compare(workload, command, rounds, quick) {
  const count = quick ? Math.ceil(workload.count / 8) : workload.count;
  /** @type {Map<string, number[]>} */
  const ratios = new Map(Object.keys(command).map((who) => [who, []]));
  /** @type {Record<string, number>} */
  const startMs = {};
  const native = [];
  for (let round = 0; round < rounds; round++) {
    /** @type {Sample | undefined} */
    let reference;
    for (const [who, argv] of Object.entries(command)) {
      const sample = await attempt(
        `${workload.name}, ${who}`,
        measured(argv(count), who === "npm" ? undefined : reference),
      );
      reference ??= sample;
      if (who === "native") native.push(sample?.cpu ?? Number.NaN);
      else if (sample && reference) ratios.get(who)?.push(sample.cpu / reference.cpu);
    }
  }
  if (workload.competitor)
    for (const who of ["drupe", "npm"]) {
      const sample = command[who] && (await attempt(`${workload.name}, start, ${who}`, measure(command[who](0))));
      if (sample) startMs[who] = sample.wall * 1000;
    }
  const measuredOnes = [...ratios].filter(([, values]) => values.length > 0);
  const middle = Object.fromEntries(measuredOnes.map(([who, values]) => [who, median(values)]));
  const row = { name: workload.name, seconds: median(native), ratios: middle, startMs };
  console.error(JSON.stringify(row));
  return row;
}

/**
 * Measures a run whose output must be that of another, if one is given.
 * @param {string[]} command
 * @param {Sample | undefined} reference
 */
async function measured(command, reference) {
  const sample = await measure(command);
  if (reference && sample.digest !== reference.digest)
    throw new Error(`it prints ${sample.output.slice(0, 300)}, natively ${reference.output.slice(0, 300)}`);
  return sample;
}

/**
 * @param {Workload} workload
 * @param {string} data
 * @param {{ amd64: string, riscv64: string }} roots
 * @returns {Record<string, (count: number) => string[]>}
 */
function commands({ program, args, competitor, script }, data, roots) {
  const located = (/** @type {number} */ n, /** @type {string} */ folder) =>
    args(n).map((arg) => arg.replace("@", `${folder}/`));
  const home = (/** @type {string} */ root) => ["env", `PYTHONHOME=${root}/usr`, "PYTHONDONTWRITEBYTECODE=1"];
  const libraries = ["--library-path", `${roots.amd64}/usr/lib/x86_64-linux-gnu`];
  /** @type {Record<string, (count: number) => string[]>} */
  const all = {
    native: (n) => [
      ...home(roots.amd64),
      join(roots.amd64, LOADER),
      ...libraries,
      `${roots.amd64}/usr/bin/${program}`,
      ...located(n, data),
    ],
    qemu: (n) => [
      ...home(roots.riscv64),
      "qemu-riscv64",
      "-L",
      roots.riscv64,
      `${roots.riscv64}/usr/bin/${program}`,
      ...located(n, data),
    ],
  };
  if (availableHosts().includes("drupe"))
    all.drupe = (n) =>
      drupe([
        "--rootfs",
        roots.riscv64,
        "-v",
        `${data}:/data:ro`,
        "-e",
        "PYTHONDONTWRITEBYTECODE=1",
        `/usr/bin/${program}`,
        ...located(n, "/data"),
      ]);
  if (competitor && script) {
    const runner = join(prepareCompetitors(), `${competitor}.mjs`);
    all.npm = (n) => [process.execPath, runner, join(data, script), String(n)];
  }
  return all;
}

/** Installs the competitors from npm, once; answers their folder. */
export function prepareCompetitors() {
  const folder = join(benchFolder, "competitors");
  if (!existsSync(join(folder, "node_modules/pyodide")))
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock"], { cwd: folder, stdio: "inherit" });
  return folder;
}

/** Unpacks the programs of an architecture, once; answers the root folder. */
export function prepareRoot(/** @type {"amd64" | "riscv64"} */ architecture) {
  const folder = join(cache, `bench-${architecture}`);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.${process.pid}`;
  rmSync(partial, { recursive: true, force: true });
  console.log(`unpacking ${PACKAGES.join(" ")} for ${architecture}`);
  unpackPackages({ names: PACKAGES, architecture, folder: partial });
  for (const name of ["bin", "lib", "lib64", "sbin"])
    if (!existsSync(join(partial, name))) symlinkSync(`usr/${name}`, join(partial, name));
  renameSync(partial, folder);
  return folder;
}

/** Makes the data folder: the scripts, and a text of words, packed and unpacked. */
function prepareData() {
  const folder = join(resultsFolder, "data");
  const text = join(folder, "text");
  mkdirSync(folder, { recursive: true });
  for (const name of ["mix.lua", "mix.sql", "mix.py"])
    copyFileSync(join(benchFolder, "programs", name), join(folder, name));
  if (!existsSync(`${text}.xz`)) {
    writeFileSync(text, words(TEXT_BYTES));
    execFileSync("xz", ["-T1", "-2", "-kf", text]);
  }
  return folder;
}

/** Text that packs about as well as prose does: words of a fixed vocabulary, short ones more often. */
function words(/** @type {number} */ bytes) {
  let state = 12345;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const letters = "etaoinshrdlucmfwypvbgkjqxz";
  const vocabulary = Array.from({ length: 8000 }, () =>
    Array.from({ length: 2 + Math.floor(next() * 9) }, () => letters[Math.floor(next() ** 2 * 26)]).join(""),
  );
  const parts = [];
  for (let length = 0; length < bytes; ) {
    const word = vocabulary[Math.floor(next() ** 3 * vocabulary.length)] ?? "";
    parts.push(word);
    length += word.length + 1;
  }
  return parts.join(" ").slice(0, bytes);
}
