import { spawn } from "node:child_process";
import { constants } from "node:os";

/**
 * @typedef {object} Outcome
 * @property {number} status as a shell gives it: 128 + signal if the program was killed
 * @property {string} stdout
 * @property {string} stderr
 * @property {boolean} timedOut
 */

const OUTPUT_LIMIT = 4 << 20;

/**
 * Runs a command to its end and collects what it wrote. Standard input is `input`, or at its end from the start. A command
 * that is still running after `timeoutMs` is killed with its whole process group.
 * @param {string} command
 * @param {string[]} args
 * @param {{ input?: string | undefined, env?: Record<string, string>, cwd?: string, timeoutMs: number }} options
 * @returns {Promise<Outcome>}
 */
export function execute(command, args, { input, env, cwd, timeoutMs }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: env ?? process.env,
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      detached: true,
    });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // It has ended by itself, but what it left behind holds its output.
      }
    }, timeoutMs);
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    if (input !== undefined) {
      child.stdin?.on("error", () => {});
      child.stdin?.end(input);
    }
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const status = signal === null ? (code ?? 0) : 128 + constants.signals[signal];
      resolve({ status, stdout: stdout(), stderr: stderr(), timedOut });
    });
  });
}

/** Gathers a stream as Latin-1, one character a byte, up to a limit. */
function collect(/** @type {import("node:stream").Readable | null} */ stream) {
  let text = "";
  stream?.setEncoding("latin1");
  stream?.on("data", (chunk) => {
    if (text.length < OUTPUT_LIMIT) text += chunk;
  });
  return () => text;
}
