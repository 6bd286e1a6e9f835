// Runs Debian's programs natively and on Drupe and compares. Usage: node test/programs/run.mjs [--engine interp|wasm] [NAME…]
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { canInstall, installPackages } from "../../scripts/debian.mjs";
import { useDebianLock } from "../../scripts/debian-lock.mjs";
import { cases, nativePackages, sampleData, terminalCases } from "./cases.mjs";
import { goCases } from "./go-cases.mjs";
import { pythonCases } from "./python-cases.mjs";
import { shellCases, shellPackages } from "./shell-cases.mjs";

const cli = fileURLToPath(new URL("../../dist/bundle/main.js", import.meta.url));
const { values, positionals } = parseArgs({
  options: { engine: { type: "string", default: "wasm" }, timeout: { type: "string", default: "120" } },
  allowPositionals: true,
});

const all = [...cases, ...shellCases, ...goCases, ...pythonCases, ...terminalCases];
const wanted = positionals.length === 0 ? all : all.filter(({ name }) => positionals.some((p) => name.includes(p)));
const folder = mkdtempSync(join(tmpdir(), "drupe-programs-"));
const sample = sampleData();
installMissing();
await useDebianLock();
const pty = join(folder, "pty");
execFileSync("gcc", ["-O", "-o", pty, fileURLToPath(new URL("../guest/pty.c", import.meta.url)), "-lutil"]);
const failures = [];
for (const test of wanted) {
  const started = performance.now();
  const why = check(test);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${why === undefined ? "ok  " : "FAIL"} ${test.name} (${seconds} s)`);
  if (why !== undefined) {
    console.log(why.replace(/^/gm, "     "));
    failures.push(test.name);
  }
}
rmSync(folder, { recursive: true });
if (wanted.length === 0) console.log("no such program");
console.log(`${wanted.length - failures.length} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 && wanted.length > 0 ? 0 : 1;

/** Installs the native programs where that needs nobody's leave; elsewhere the cases say what cannot be run. */
function installMissing() {
  const missing = wanted.some(({ native }) => spawnSync(native, ["--version"], { input: "" }).error !== undefined);
  if (missing && canInstall()) installPackages([...nativePackages, ...shellPackages]);
}

/** Says what differs, or nothing. */
function check(test) {
  const native = runIn(prepare(test), test, test.native, test.args);
  const nativeResult = resultOf(test);
  if (native.error !== undefined) return `the native ${test.native} cannot be run: ${native.error.message}`;
  const place = prepare(test);
  const flags = ["run", "-q", "--engine", values.engine, "-v", `${place}:${place}`, "-w", place, test.source, "--"];
  const drupe = runIn(place, test, process.execPath, [cli, ...flags, ...test.args]);
  if (drupe.error !== undefined) return `${drupe.error.message}\n${drupe.stderr.toString().slice(-600)}`;
  if (test.after !== undefined) return checkRestored(test, drupe);
  if (test.result !== undefined && native.status === drupe.status) {
    const result = resultOf(test);
    return result === nativeResult ? undefined : `native left:\n${nativeResult}drupe left:\n${result}`;
  }
  if (native.status !== drupe.status || !native.stdout.equals(drupe.stdout)) {
    return `native: status ${native.status}\n${excerpt(native)}drupe: status ${drupe.status}\n${excerpt(drupe)}`;
  }
  return undefined;
}

/** A compressor's output depends on its version: the native program must restore the input from it. */
function checkRestored({ after: [program, ...args], stdin }, drupe) {
  if (drupe.status !== 0) return `drupe: status ${drupe.status}\n${excerpt(drupe)}`;
  const restored = spawnSync(program, args, { input: drupe.stdout, maxBuffer: 2 ** 28 });
  const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");
  return digest(restored.stdout) === digest(inputOf(stdin))
    ? undefined
    : "the native program does not restore the input";
}

function runIn(cwd, test, program, args) {
  const [command, ...rest] =
    test.typed === undefined ? [program, ...args] : [pty, "80x24", ...test.typed, "--", program, ...args];
  return spawnSync(command, rest, {
    cwd,
    input: inputOf(test.stdin, cwd),
    maxBuffer: 2 ** 28,
    timeout: Number(values.timeout) * 1000,
    env: { ...process.env, LC_ALL: "C", TZ: "UTC", TERM: "xterm" },
  });
}

/** What a program left in the file that its case names. */
function resultOf({ result }) {
  return result === undefined ? undefined : readFileSync(join(folder, "work", result), "utf8");
}

function inputOf(stdin, cwd) {
  if (stdin === "sample") return sample;
  if (stdin === "archive") return spawnSync("tar", ["-c", "--mtime=@1000000000", "--sort=name", "."], { cwd }).stdout;
  return stdin ?? "";
}

/** The working directory, made anew at the same place so that paths and times are the same in both runs. */
function prepare({ files = {} }) {
  const place = join(folder, "work");
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(place, name)), { recursive: true });
    writeFileSync(join(place, name), content);
    utimesSync(join(place, name), 1e9, 1e9);
    if (dirname(name) !== ".") utimesSync(join(place, dirname(name)), 1e9, 1e9);
  }
  return place;
}

function excerpt({ stdout, stderr }) {
  return `${stdout.toString().slice(0, 600)}\n${stderr.toString().slice(-600)}\n`;
}
