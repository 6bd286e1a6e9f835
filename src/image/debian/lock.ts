/**
 * drupe.lock: which packages a `debian:` program was last run with, so that the next machine runs the same bytes.
 *
 * It names no mirror: any that has the files will do, since each is held to its hash.
 */
import { readFileSync } from "node:fs";
import { writeAtomically } from "../cache/atomic.ts";
import { ImageError, reasonOf } from "../image-error.ts";

const FORMAT = 1;

export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** Path below a mirror's root. */
  readonly filename: string;
  readonly sha256: string;
  readonly size: number;
}

export interface Lock {
  readonly format: typeof FORMAT;
  readonly suite: string;
  readonly architecture: string;
  /** The closure of each program's package, in the order of unpacking. */
  readonly programs: Readonly<Record<string, readonly LockedPackage[]>>;
}

/** Reads a lock file; undefined if there is none yet. */
export function readLock(path: string): Lock | ImageError | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    return new ImageError(`the lock file ${path} cannot be read: ${reasonOf(thrown)}`, "Check its permissions.");
  }
  const bad = (why: string) =>
    new ImageError(`the lock file ${path} ${why}`, "Restore it from version control, or delete it to resolve anew.");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    return bad(`is not JSON: ${reasonOf(thrown)}`);
  }
  if (isRecord(value) && typeof value.format === "number" && value.format > FORMAT) {
    return new ImageError(`the lock file ${path} is of a newer format (${value.format})`, "Update drupe.");
  }
  return isLock(value) ? value : bad("is damaged");
}

/** Writes a lock with `packages` as the closure of `program`, beside what `lock` held. */
export function writeLock(
  path: string,
  lock: Lock | undefined,
  platform: { readonly suite: string; readonly architecture: string },
  program: string,
  packages: readonly LockedPackage[],
): void {
  const programs = { ...lock?.programs, [program]: packages };
  const sorted = Object.fromEntries(Object.entries(programs).sort(([a], [b]) => (a < b ? -1 : 1)));
  const { suite, architecture } = platform;
  const next: Lock = { format: FORMAT, suite, architecture, programs: sorted };
  writeAtomically(path, `${JSON.stringify(next, undefined, 2)}\n`);
}

function isLock(value: unknown): value is Lock {
  if (!isRecord(value) || value.format !== FORMAT || !isRecord(value.programs)) return false;
  if (typeof value.suite !== "string" || typeof value.architecture !== "string") return false;
  return Object.values(value.programs).every(isLockedList);
}

/** Whether a value read from disk is a closure whose hashes may become file names. */
export function isLockedList(value: unknown): value is readonly LockedPackage[] {
  return Array.isArray(value) && value.every(isLockedPackage);
}

function isLockedPackage(value: unknown): value is LockedPackage {
  return (
    isRecord(value) &&
    typeof value.name === "string" &&
    typeof value.version === "string" &&
    typeof value.filename === "string" &&
    typeof value.sha256 === "string" &&
    /^[0-9a-f]{64}$/.test(value.sha256) &&
    Number.isSafeInteger(value.size)
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
