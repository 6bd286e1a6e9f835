/**
 * The Debian packages that tests run: `share/debian.lock` says which bytes, so that a mirror amid an update, or with newer
 * packages than yesterday, changes no result. `DRUPE_LOCK=share/debian.lock` before a command adds what the lock lacks. Users
 * get the same packages when a mirror has no index that holds.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cache, debianMirror } from "./debian.mjs";

const committed = fileURLToPath(new URL("../share/debian.lock", import.meta.url));

/** @typedef {{ name: string, filename: string, sha256: string, size: number }} LockedPackage */

/** @returns {{ programs: Record<string, LockedPackage[]> }} */
const readLock = () => JSON.parse(readFileSync(committed, "utf8"));

/**
 * Makes every `drupe` that this process starts take the locked packages. Programs of which the mirror has a package no
 * more are left out of the lock, so that they are resolved anew.
 */
export async function useDebianLock() {
  if (process.env.DRUPE_LOCK) return;
  const lock = readLock();
  const gone = await goneFrom(debianMirror(), Object.values(lock.programs).flat());
  const programs = Object.entries(lock.programs).filter(
    ([, packages]) => !packages.some(({ filename }) => gone.has(filename)),
  );
  if (gone.size > 0) console.log(`no longer on the mirror, so newer ones are taken: ${[...gone].join(" ")}`);
  const path = join(cache, "debian.lock");
  mkdirSync(cache, { recursive: true });
  writeFileSync(path, JSON.stringify({ ...lock, programs: Object.fromEntries(programs) }));
  process.env.DRUPE_LOCK = path;
}

/** The locked packages of a program's list of packages. */
export function lockedPackages(/** @type {string} */ list) {
  return readLock().programs[list] ?? [];
}

/**
 * Downloads a locked package.
 * @param {LockedPackage} wanted
 * @param {string} path where to
 */
export async function downloadLocked({ filename, sha256 }, path) {
  const url = `${debianMirror()}/${filename}`;
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== sha256) throw new Error(`${url} has the SHA-256 ${found}, not ${sha256}`);
  writeFileSync(path, bytes);
}

/** The files that a mirror says it does not have; one that does not answer may have them. */
async function goneFrom(/** @type {string} */ mirror, /** @type {LockedPackage[]} */ packages) {
  const waiting = [...new Set(packages.map(({ filename }) => filename))];
  const gone = new Set();
  const ask = async () => {
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      const answer = await fetch(`${mirror}/${file}`, { method: "HEAD" }).catch(() => undefined);
      if (answer?.status === 404) gone.add(file);
    }
  };
  await Promise.all(Array.from({ length: 8 }, ask));
  return gone;
}
