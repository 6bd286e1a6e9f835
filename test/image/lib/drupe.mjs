import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cliPath } from "../../../scripts/cli-path.mjs";
import { muslSpecs } from "../../../scripts/toolchain.mjs";

export const root = fileURLToPath(new URL("../../..", import.meta.url));
export const scratch = join(root, ".cache/image");

/**
 * Runs a command; its output is text.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, input?: string, env?: Record<string, string> }} [options]
 */
export function execute(command, args, { env = {}, ...options } = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: scratch,
    encoding: "utf8",
    timeout: 400_000,
    maxBuffer: 64 << 20,
    ...options,
    env: { ...process.env, ...env },
  });
  if (error) throw error;
  return { status, stdout, stderr };
}

/**
 * Runs the command line; it must succeed.
 * @param {...string} args
 */
export function drupe(...args) {
  const result = tryDrupe(...args);
  if (result.status !== 0) throw new Error(`drupe ${args.join(" ")}: status ${result.status}\n${result.stderr}`);
  return result.stdout;
}

/**
 * Runs the command line, whatever comes of it.
 * @param {...string} args
 */
export const tryDrupe = (...args) => execute(process.execPath, [cliPath, ...args]);

/**
 * Runs a script in Node; it must succeed.
 * @param {...string} args
 */
export function node(...args) {
  const result = execute(process.execPath, args);
  if (result.status !== 0) throw new Error(`node ${args.join(" ")}: status ${result.status}\n${result.stderr}`);
  return result.stdout;
}

/**
 * Compiles a C program for riscv64, stripped, and answers its path.
 * @param {string} name
 * @param {string} source
 * @param {{ musl?: boolean, flags?: string[] }} [options]
 */
export function compile(name, source, { musl = false, flags = ["-static"] } = {}) {
  const path = join(scratch, name);
  if (existsSync(path)) return path;
  writeFileSync(`${path}.c`, source);
  const specs = musl ? ["-specs", muslSpecs] : [];
  const { status, stderr } = execute("riscv64-linux-gnu-gcc", [
    ...specs,
    "-O2",
    "-s",
    ...flags,
    "-o",
    path,
    `${path}.c`,
  ]);
  if (status !== 0) throw new Error(stderr);
  return path;
}

export const HELLO = `#include <stdio.h>
int main(void) {
  puts("Hello from a unikernel.");
  return 0;
}
`;

export const hello = () => compile("hello", HELLO, { musl: true });
