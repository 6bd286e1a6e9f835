/**
 * Random walks through families of calls: walk.c takes the same steps on Linux and on Drupe, which must answer alike.
 *
 *     npm run test:walk                            what Linux answered is in answers.json, as digests of 100 lines each
 *     npm run test:walk -- --linux [--seeds 20]    asks the Linux of this machine instead, and shows where they part
 *     npm run test:walk -- --record                writes answers.json anew
 *
 * With names of families only those. Needs gcc for --linux and --record, and a cross compiler.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cliPath } from "../../scripts/cli-path.mjs";

const STEPS = 1000;
const LINES_OF_DIGEST = 100;
const ENGINES = ["wasm", "interp"];
const FAMILIES = ["files", "streams", "memory", "signals", "ids", "processes", "inet", "ipc", "watches"];

const { values, positionals } = parseArgs({
  options: {
    linux: { type: "boolean", default: false },
    record: { type: "boolean", default: false },
    seeds: { type: "string", default: "3" },
  },
  allowPositionals: true,
});
const families = positionals.length > 0 ? positionals : FAMILIES;
const unknown = families.filter((name) => !FAMILIES.includes(name));
if (unknown.length > 0) {
  console.error(`no family ${unknown.join(", ")}; there are ${FAMILIES.join(", ")}`);
  process.exit(2);
}
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => i + 1);
const recordedAt = new URL("answers.json", import.meta.url);
/** Digests by family and seed. @type {Record<string, Record<string, string>>} */
const recorded = JSON.parse(readFileSync(recordedAt, "utf8"));

const folder = mkdtempSync(join(tmpdir(), "drupe-walk-"));
const [native, guest] = [join(folder, "native"), join(folder, "guest")];
const source = fileURLToPath(new URL("walk.c", import.meta.url));
execFileSync("riscv64-linux-gnu-gcc", ["-O1", "-w", "-static", "-o", guest, source]);
if (values.linux || values.record) execFileSync("gcc", ["-O1", "-w", "-o", native, source]);

const tally = { passed: 0, failed: 0 };
for (const family of families) for (const seed of seeds) visit(family, String(seed));
rmSync(folder, { recursive: true });
if (values.record) writeFileSync(recordedAt, `${JSON.stringify(recorded, undefined, 2)}\n`);
else console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed > 0 ? 1 : 0;

function visit(/** @type {string} */ family, /** @type {string} */ seed) {
  const theirs = values.linux || values.record ? askLinux(family, seed) : undefined;
  if (values.record && theirs !== undefined) {
    recorded[family] = { ...recorded[family], [seed]: digests(theirs).join(" ") };
    return;
  }
  for (const engine of ENGINES) {
    const ours = askDrupe(family, seed, engine);
    const place = theirs === undefined ? partingDigest(family, seed, ours) : partingLine(theirs, ours);
    if (place === undefined) tally.passed++;
    else {
      tally.failed++;
      console.log(`FAILED ${family} ${seed} (${engine}): ${place}`);
    }
  }
}

function askLinux(/** @type {string} */ family, /** @type {string} */ seed) {
  // A tmpfs, as the root of a guest is.
  const place = mkdtempSync("/dev/shm/drupe-walk-");
  const answers = ask(native, [join(place, "walk"), family, seed]);
  rmSync(place, { recursive: true });
  return answers;
}

function askDrupe(/** @type {string} */ family, /** @type {string} */ seed, /** @type {string} */ engine) {
  return ask(process.execPath, [cliPath, "run", "-q", "--engine", engine, guest, "--", "/tmp/walk", family, seed]);
}

function ask(/** @type {string} */ command, /** @type {string[]} */ args) {
  const options = { encoding: /** @type {const} */ ("latin1"), maxBuffer: 1 << 26, timeout: 120_000 };
  const { status, signal, stdout, stderr } = spawnSync(command, [...args, String(STEPS)], options);
  const end = status === 0 ? "" : `ended with ${status ?? signal}\n`;
  // A walk that Linux does not finish would say nothing about one that Drupe does not finish either.
  if (end !== "" && command === native) throw new Error(`${args.join(" ")} ${end}${stderr}`);
  return `${stdout}${stderr}${end}`.split("\n");
}

function digests(/** @type {string[]} */ lines) {
  const parts = [];
  for (let i = 0; i < lines.length; i += LINES_OF_DIGEST) {
    const text = lines.slice(i, i + LINES_OF_DIGEST).join("\n");
    parts.push(createHash("sha256").update(text, "latin1").digest("hex").slice(0, 8));
  }
  return parts;
}

function partingDigest(/** @type {string} */ family, /** @type {string} */ seed, /** @type {string[]} */ ours) {
  const expected = recorded[family]?.[seed]?.split(" ") ?? [];
  const got = digests(ours);
  const at = expected.findIndex((digest, i) => digest !== got[i]);
  if (at < 0 && expected.length === got.length) return undefined;
  const from = (at < 0 ? expected.length : at) * LINES_OF_DIGEST;
  return `parts from what Linux answered behind line ${from}; "npm run test:walk -- --linux ${family}" shows where`;
}

function partingLine(/** @type {string[]} */ theirs, /** @type {string[]} */ ours) {
  const at = Math.max(theirs.length, ours.length);
  for (let i = 0; i < at; i++) {
    if (theirs[i] !== ours[i]) return `\n  Linux: ${theirs[i]}\n  Drupe: ${ours[i]}`;
  }
  return undefined;
}
