import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cliPath } from "../../../scripts/cli-path.mjs";
import { muslLoader } from "../../../scripts/toolchain.mjs";
import { build, guestFolder } from "./build.mjs";
import { execute } from "./execute.mjs";

/** @typedef {import("./discover.mjs").GuestTest} GuestTest */
/** @typedef {import("./execute.mjs").Outcome} Outcome */
/** @typedef {{ test: GuestTest, args: string[], link: import("./build.mjs").Link }} Case */

const NATIVE = "gcc";
const CROSS = "riscv64-linux-gnu-gcc";

/** The folder that is /lib to a dynamically linked program. */
const libraries = (/** @type {import("./build.mjs").Link} */ link) =>
  link.startsWith("musl") ? dirname(muslLoader) : "/usr/riscv64-linux-gnu/lib";

/**
 * Core files are of no use, and the stack is what Linux gives by default. The shell stays, because Node has no names for
 * real-time signals: the shell makes 128 + signal of every one.
 */
const LIMITS = 'ulimit -c 0; ulimit -s 8192; "$@"';

/** How long one run may take. A translator that hangs must not hang the suite. */
const TIMEOUT_MS = 60_000;

/**
 * Where a test can be run. Each answers the command line for a built program; `scratch` is an empty folder of the host
 * for this run alone, on a memory file system where there is one: that is what the guest's own root is compared with.
 * @typedef {object} Target
 * @property {string} compiler
 * @property {(program: string, run: Case, scratch: string) => string[]} [command]
 * @property {(program: string, run: Case) => Promise<Outcome>} [run] instead of a command
 * @property {() => Promise<void>} [close]
 * @property {(test: GuestTest) => boolean} [only]
 */

/** What is run where only the file system is another one. */
const onFiles = (/** @type {GuestTest} */ test) => test.name.startsWith("file/");

/** @type {Record<string, Target>} */
export const targets = {
  native: {
    compiler: NATIVE,
    command: (program, run, scratch) => host(run, scratch, [program, ...run.args]),
  },
  qemu: {
    compiler: CROSS,
    command: (program, run, scratch) =>
      host(run, scratch, ["qemu-riscv64", "-L", dirname(libraries(run.link)), program, ...run.args]),
  },
  interp: { compiler: CROSS, command: (program, run) => drupe("interp", program, run) },
  wasm: { compiler: CROSS, command: (program, run) => drupe("wasm", program, run) },
  discard: { compiler: CROSS, command: (program, run) => drupe("interp", program, run, ["--discard-sleeps"]) },
  hostfs: {
    compiler: CROSS,
    only: onFiles,
    command: (program, run, scratch) =>
      drupe("wasm", program, run, ["-v", `${scratch}:/scratch`, "-e", "GUEST_SCRATCH=/scratch"]),
  },
  volume: {
    compiler: CROSS,
    only: onFiles,
    command: (program, run, scratch) => [
      "env",
      `DRUPE_VOLUMES=${scratch}`,
      ...drupe("wasm", program, run, ["-v", "scratch:/scratch", "-e", "GUEST_SCRATCH=/scratch"]),
    ],
  },
  chromium: browser({ isolated: true }),
  "chromium-plain": browser({ isolated: false }),
  "chromium-volume": browser({ isolated: true, scratch: "/scratch" }),
};

/**
 * A page in a browser; `isolated` says whether its threads may share memory, `scratch` where it has a volume, for the file
 * tests alone.
 * @param {{ isolated: boolean, scratch?: string }} options
 * @returns {Target}
 */
function browser({ scratch, ...options }) {
  /** @type {Promise<import("../../browser/guests.mjs").BrowserGuests> | undefined} */
  let opened;
  const open = async () => (await import("../../browser/guests.mjs")).BrowserGuests.open(options);
  return {
    compiler: CROSS,
    // Terminals are tested on a page; a browser's timers are too coarse for a test of how turns are shared out.
    only: (test) => (scratch === undefined ? test.tty === undefined && test.name !== "sched/share" : onFiles(test)),
    async run(program, { test, args, link }) {
      opened ??= open();
      const guests = await opened;
      const folder = link.endsWith("dynamic") ? libraries(link) : undefined;
      const env = scratch === undefined ? test.env : { ...test.env, GUEST_SCRATCH: scratch };
      const { stdin: input } = test;
      return guests.run({ program, args, env, libraries: folder, input, scratch, timeoutMs: TIMEOUT_MS });
    },
    close: async () => (await opened)?.close(),
  };
}

/** A command of the host, with the test's environment and no other. */
function host(/** @type {Case} */ run, /** @type {string} */ scratch, /** @type {string[]} */ command) {
  const env = Object.entries(run.test.env).map(([key, value]) => `${key}=${value}`);
  return ["env", "-i", `GUEST_SCRATCH=${scratch}`, ...env, ...command];
}

/**
 * @param {string} engine
 * @param {string} program
 * @param {Case} run
 * @param {string[]} [more]
 */
function drupe(engine, program, run, more = []) {
  const env = Object.entries(run.test.env).flatMap(([key, value]) => ["-e", `${key}=${value}`]);
  const folders = run.link.endsWith("dynamic") ? ["-v", `${libraries(run.link)}:/lib:ro`] : [];
  const terminal = run.test.tty ? ["-i", "-t"] : run.test.stdin === undefined ? [] : ["-i"];
  const flags = ["--engine", engine, ...env, ...folders, ...terminal, ...more];
  return [process.execPath, cliPath, "run", ...flags, program, "--", ...run.args];
}

/** Whether a target can be used here: undefined, or what is missing. */
export function missing(/** @type {string} */ name) {
  if (!targets[name]) return `there is no target ${name}; there are ${Object.keys(targets).join(", ")}`;
  if (targets[name].compiler === CROSS && name !== "qemu" && !existsSync(cliPath)) return `${cliPath} is not built`;
  return undefined;
}

/**
 * Builds and runs one case on one target.
 * @param {string} name
 * @param {Case} run
 * @returns {Promise<Outcome>}
 */
export async function runOn(name, run) {
  const target = /** @type {Target} */ (targets[name]);
  const { test, link } = run;
  const program = await build({ compiler: target.compiler, source: test.source, flags: test.flags, link });
  const scratch = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "drupe-guest-"));
  try {
    if (target.run !== undefined) return await target.run(program, run);
    let command = /** @type {NonNullable<Target["command"]>} */ (target.command)(program, run, scratch);
    if (test.tty) command = [await terminal(), test.tty, ...test.typed.flat(), "--", ...command];
    return await execute("sh", ["-c", LIMITS, "sh", ...command], { input: test.stdin, timeoutMs: TIMEOUT_MS });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The program that gives a command a terminal and types on it. */
const terminal = () =>
  build({ compiler: NATIVE, source: join(guestFolder, "pty.c"), flags: ["-lutil"], link: "dynamic" });
