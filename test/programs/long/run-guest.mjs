// Runs a program of Debian on Drupe and answers what it printed and how it ended.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(new URL("../../../dist/bundle/main.js", import.meta.url));

/**
 * @param {string} source - as `drupe run` takes it
 * @param {string[]} args
 * @param {{ seconds: number, flags?: string[] }} options
 * @returns {{ status: number | null, output: string, seconds: number }} status null if it took too long
 */
export function runGuest(source, args, { seconds, flags = [] }) {
  const started = performance.now();
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [cli, "run", "-q", ...flags, source, "--", ...args],
    {
      encoding: "utf8",
      input: "",
      timeout: seconds * 1000,
      killSignal: "SIGKILL",
      maxBuffer: 2 ** 28,
    },
  );
  const late = error === undefined ? "" : `${error.message}\n`;
  return { status, output: `${stdout}${stderr}${late}`, seconds: (performance.now() - started) / 1000 };
}
