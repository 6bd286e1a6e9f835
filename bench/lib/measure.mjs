import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

export const benchFolder = dirname(import.meta.dirname);
export const resultsFolder = join(benchFolder, "results");
const binFolder = join(resultsFolder, "bin");

/**
 * What a run cost and printed. `digest` is the SHA-256 of all of its output; `output` is the beginning of it.
 * @typedef {{ cpu: number, wall: number, peakKiB: number, status: number, output: string, digest: string }} Sample
 */

/** A benchmark can take long, but a hang must end some time. */
const TIMEOUT_MS = 15 * 60_000;

/**
 * Runs a command and measures it from outside.
 * @param {string[]} command
 * @param {{ env?: Record<string, string> }} [options]
 * @returns {Promise<Sample>}
 */
export async function measure(command, { env = {} } = {}) {
  const meter = await compile({ compiler: "gcc", source: "measure.c" });
  const folder = mkdtempSync(join(resultsFolder, "run-"));
  const file = join(folder, "sample.json");
  try {
    const { output, digest, errors } = await run([meter, file, ...command], env);
    const sample = { ...JSON.parse(readFileSync(file, "utf8")), output, digest };
    if (sample.status === 0) return sample;
    throw new Error(`${command.join(" ")} ended with status ${sample.status}: ${errors.trim().slice(-500)}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * @param {string[]} command
 * @param {Record<string, string>} env
 * @returns {Promise<{ output: string, digest: string, errors: string }>}
 */
function run([program = "", ...args], env) {
  return new Promise((resolve, reject) => {
    const options = {
      env: { ...process.env, ...env },
      timeout: TIMEOUT_MS,
      killSignal: /** @type {const} */ ("SIGKILL"),
    };
    const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    const hash = createHash("sha256");
    let [output, errors] = ["", ""];
    child.stdout.on("data", (chunk) => {
      hash.update(chunk);
      if (output.length < 4096) output += chunk.toString("latin1", 0, 4096);
    });
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    child.on("error", reject);
    child.on("close", () => resolve({ output, digest: hash.digest("hex"), errors }));
  });
}

/**
 * Compiles a C file of this folder with -O2, unless the program is newer; answers the program's path.
 * @param {{ compiler: string, source: string, flags?: string[] }} what
 */
export async function compile({ compiler, source, flags = [] }) {
  const file = join(benchFolder, source);
  const program = join(binFolder, compiler, basename(source, ".c"));
  const newest = Math.max(...[file, join(benchFolder, "kernels/kernel.h")].map((path) => statSync(path).mtimeMs));
  if (existsSync(program) && statSync(program).mtimeMs > newest) return program;
  mkdirSync(dirname(program), { recursive: true });
  const partial = `${program}.${process.pid}`;
  const { errors } = await run([compiler, "-O2", ...flags, "-o", partial, file, "-lm"], {});
  if (!existsSync(partial)) throw new Error(`${compiler} ${source}: ${errors}`);
  renameSync(partial, program);
  return program;
}
