import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { muslSpecs } from "../../../scripts/toolchain.mjs";
import { execute } from "./execute.mjs";

export const guestFolder = dirname(import.meta.dirname);
const buildFolder = join(guestFolder, "build");

/** Asking wrong questions is what a test is for: the compiler's own opinion of them is switched off. */
const FLAGS = ["-O1", "-Wall", "-Wextra", "-Werror", `-I${guestFolder}`].concat(
  [
    "stringop-overflow",
    "stringop-overread",
    "nonnull",
    "unused-result",
    "format-truncation",
    "infinite-recursion",
    "clobbered",
  ].map((warning) => `-Wno-${warning}`),
);

/**
 * The ways to link a program. glibc has no static-pie for riscv64 in every release; musl has. Natively the same words mean
 * the machine's own C library.
 * @typedef {"static" | "dynamic" | "musl" | "musl-static-pie" | "musl-dynamic"} Link
 */
const LINK = {
  static: ["-static"],
  dynamic: ["-rdynamic"],
  musl: ["-static"],
  "musl-static-pie": ["-static-pie"],
  "musl-dynamic": ["-rdynamic"],
};

/** @type {Map<string, Promise<string>>} */
const builds = new Map();

/** @typedef {{ compiler: string, source: string, flags: string[], link: Link, name?: string }} Recipe */

/**
 * Compiles a program unless it was compiled before, in this process or an earlier one; answers the program's path.
 * @param {Recipe} recipe
 * @returns {Promise<string>}
 */
export function build(recipe) {
  const key = JSON.stringify(recipe);
  const path = builds.get(key) ?? compile(recipe);
  builds.set(key, path);
  return path;
}

/**
 * Compiles a program unless the same source, headers and flags were compiled before, and answers the program's path.
 * @param {Recipe} recipe
 * @returns {Promise<string>}
 */
async function compile({ compiler, source, flags, link, name = basename(source, ".c") }) {
  const musl = link.startsWith("musl") && compiler !== "gcc" ? [`-specs=${muslSpecs}`] : [];
  const options = [...musl, ...FLAGS, ...LINK[link]];
  const hash = createHash("sha256").update(JSON.stringify([compiler, options, flags]));
  for (const file of [source, ...headers(source)]) hash.update(readFileSync(file));
  const folder = join(buildFolder, hash.digest("hex").slice(0, 16));
  const program = join(folder, name);
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  // Two recipes may come to the same program at the same time: each has its own file until it is whole.
  const partial = `${program}.${randomUUID()}`;
  const result = await execute(compiler, [...options, "-o", partial, source, ...flags, "-lm"], { timeoutMs: 120_000 });
  if (result.status !== 0) throw new Error(`${compiler} ${source}:\n${result.stderr}`);
  renameSync(partial, program);
  return program;
}

/** The headers that a test may include: those of its area and the common ones. */
function headers(/** @type {string} */ source) {
  return [dirname(source), guestFolder].flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith(".h"))
      .sort()
      .map((file) => join(folder, file)),
  );
}
