/**
 * Sizes and starts of images: `npm run bench:boot`, with `-- --quick` for the small ones alone.
 *
 * `warm` and `cold` are from `boot()` to exit in a running Node, the first time and after that; `over Node` is how much longer
 * `node image.mjs` takes than a Node that does nothing. All are milliseconds, the best of some runs taken in turn.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cliPath } from "../scripts/cli-path.mjs";
import { ensureToolchain, muslSpecs } from "../scripts/toolchain.mjs";
import { median } from "./lib/statistics.mjs";
import { printTable } from "./lib/table.mjs";

const scratch = fileURLToPath(new URL("../.cache/boot/", import.meta.url));
const ROUNDS = 9;

for (const trouble of await ensureToolchain()) throw new Error(trouble);
mkdirSync(scratch, { recursive: true });
writeFileSync(
  join(scratch, "hello.c"),
  '#include <stdio.h>\nint main(void) {\n  puts("Hello from a unikernel.");\n  return 0;\n}\n',
);
writeFileSync(join(scratch, "empty.mjs"), "");
for (const [name, specs] of [
  ["hello-musl", ["-specs", muslSpecs]],
  ["hello-glibc", []],
])
  execFileSync("riscv64-linux-gnu-gcc", [...specs, "-O2", "-static", "-s", "-o", name, "hello.c"], { cwd: scratch });

const RECORDED = ["--libraries", "recorded"];
const STARTUP = [...RECORDED, "--ahead", "startup", "--files", "needed"];
/** @type {{ name: string, root: string, flags: string[], args: string[], large?: boolean }[]} */
const images = [
  { name: "hello (musl)", root: "./hello-musl", flags: [...RECORDED, "--runtime", "none"], args: [] },
  {
    name: "hello (glibc)",
    root: "./hello-glibc",
    // It has ended before anything is hot.
    flags: [...RECORDED, "--ahead", "none", "--runtime", "interpret", "--compress", "best"],
    args: [],
  },
  { name: "lua", root: "debian:lua5.4", flags: STARTUP, args: ["-e", "print(1)"], large: true },
  { name: "sqlite3", root: "debian:sqlite3", flags: STARTUP, args: [":memory:", "select 1"], large: true },
  { name: "busybox", root: "debian:busybox-static/busybox", flags: STARTUP, args: ["echo", "1"], large: true },
  { name: "python3", root: "debian:python3", flags: STARTUP, args: ["-c", "print(1)"], large: true },
];

const quick = process.argv.includes("--quick");
const rows = [];
for (const { name, root, flags, args } of images.filter(({ large }) => !quick || !large)) {
  const place = `${name.replace(/\W+/g, "-")}.image`;
  const command =
    root
      .split("/")
      .at(-1)
      ?.replace(/^debian:/, "") ?? "";
  execFileSync(process.execPath, [cliPath, "build", root, ...flags, "-q", "-o", place, "--", command, ...args], {
    cwd: scratch,
    stdio: ["ignore", "ignore", "ignore"],
  });
  const script = join(scratch, place, "image.mjs");
  const size = (/** @type {string} */ file) =>
    statSync(join(scratch, place, file), { throwIfNoEntry: false })?.size ?? 0;
  const { cold, warm } = inNode(script);
  rows.push([
    name,
    kilobytes(size("image.mjs") + size("kernel.js.br")),
    kilobytes(size("image.drupe")),
    warm,
    cold,
    overNode(script),
  ]);
}
printTable(["image", "script", "data", "warm", "cold", "over Node"], rows);
console.log(`
For comparison, as published: Unikraft's hello is an image of 197 KB and starts in 38 ms under QEMU, 3.1 ms under
Firecracker, with 2 MB of memory (Kuenzer and others, EuroSys 2021). hello (glibc) under xz -9: ${kilobytes(xzSize())}.`);

/** Boots an image some times within one Node, in several Nodes. */
function inNode(/** @type {string} */ script) {
  const program = `const { boot } = await import(${JSON.stringify(script)});
    const times = [];
    for (let i = 0; i < 12; i++) { const begin = performance.now(); await boot(); times.push(performance.now() - begin); }
    console.log(JSON.stringify(times));`;
  const runs = Array.from({ length: 5 }, () =>
    JSON.parse(execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" })),
  );
  return {
    cold: Math.min(...runs.map(([first]) => first)),
    warm: Math.min(...runs.map(([, ...later]) => median(later))),
  };
}

function overNode(/** @type {string} */ script) {
  const time = (/** @type {string} */ file) => {
    const begin = performance.now();
    const { status } = spawnSync(process.execPath, [file], { stdio: "ignore" });
    if (status !== 0) throw new Error(`${file} ended with status ${status}`);
    return performance.now() - begin;
  };
  const empty = join(scratch, "empty.mjs");
  const pairs = Array.from({ length: ROUNDS }, () => [time(empty), time(script)]);
  return Math.min(...pairs.map(([, own]) => own)) - Math.min(...pairs.map(([none]) => none));
}

function xzSize() {
  return execFileSync("xz", ["-9", "-c", "hello-glibc"], { cwd: scratch, maxBuffer: 1 << 26 }).length;
}

function kilobytes(/** @type {number} */ bytes) {
  return `${(bytes / 1000).toFixed(1)} KB`;
}
