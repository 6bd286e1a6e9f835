/** Puts what was built in its place, wholly or not at all. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { BuildError } from "../build-error.ts";

/** Files by their path below the folder. */
export type Files = ReadonlyMap<string, string | Uint8Array>;

/** One of these stands in every folder that was published: only such a folder is replaced. */
const MARKS = ["image.json", "oci-layout"];

/** Writes one file; one that is there is replaced. */
export function publishFile(place: string, content: string | Uint8Array): BuildError | undefined {
  return attempt(place, (temporary) => {
    if (existsSync(place) && !statSync(place).isFile()) return `${place} is there, and is no file`;
    writeFileSync(temporary, content);
    renameSync(temporary, place);
    return undefined;
  });
}

/** Writes a folder; one that is there is replaced if an image was built there before, or if it is empty. */
export function publishFolder(place: string, files: Files): BuildError | undefined {
  return attempt(place, (temporary) => {
    if (existsSync(place) && !isReplaceable(place)) return `${place} is there, and holds something else than an image`;
    for (const [path, content] of files) {
      const file = join(temporary, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
    const old = `${temporary}.old`;
    if (existsSync(place)) renameSync(place, old);
    renameSync(temporary, place);
    rmSync(old, { recursive: true, force: true });
    return undefined;
  });
}

function isReplaceable(place: string): boolean {
  if (!statSync(place).isDirectory()) return false;
  const names = readdirSync(place);
  return names.length === 0 || MARKS.some((mark) => names.includes(mark));
}

function attempt(place: string, write: (temporary: string) => string | undefined): BuildError | undefined {
  const target = resolve(place);
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}`);
  try {
    mkdirSync(dirname(target), { recursive: true });
    const wrong = write(temporary);
    return wrong === undefined ? undefined : new BuildError(wrong, "Choose another place with -o, or remove it.");
  } catch (thrown) {
    return new BuildError(
      `${place} cannot be written: ${(thrown as Error).message}`,
      "Check the path, its permissions and the space left.",
    );
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
