/**
 * Files that are there wholly or not at all.
 *
 * Whatever the cache publishes is made under a temporary name in the same directory and renamed: rename(2) is atomic, so
 * a second process, or the next one after a crash, never sees half of it.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const TEMPORARY = ".tmp-";

/** Names a fresh temporary path in `directory`, which is made if it is missing. */
export function temporaryIn(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return join(directory, `${TEMPORARY}${process.pid}-${randomBytes(6).toString("hex")}`);
}

/** Writes a whole file. */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  const temporary = temporaryIn(dirname(path));
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  } catch (thrown) {
    rmSync(temporary, { force: true });
    throw thrown;
  }
}

/** Publishes a finished directory; false if the place is taken, as when another process was first. */
export function publishDirectory(temporary: string, path: string): boolean {
  try {
    renameSync(temporary, path);
    return true;
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code;
    if (code === "ENOTEMPTY" || code === "EEXIST" || code === "EPERM") return false;
    throw thrown;
  }
}

/** Removes what processes that died left behind in `directory` more than a day ago. */
export function sweep(directory: string): void {
  const yesterday = Date.now() - 24 * 3600 * 1000;
  for (const name of readdirSync(directory)) {
    if (!name.startsWith(TEMPORARY)) continue;
    const path = join(directory, name);
    const made = statSync(path, { throwIfNoEntry: false });
    if (made !== undefined && made.mtimeMs < yesterday) rmSync(path, { recursive: true, force: true });
  }
}
