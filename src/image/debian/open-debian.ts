/**
 * `debian:PACKAGE[,PACKAGE…][/COMMAND]`: a root made of what Debian packages need. The program is of the first one.
 *
 * Files are laid out as dpkg(1) would, but nothing is installed: no maintainer script runs, no configuration file is
 * generated, no cache (ld.so.cache, fontconfig, locale archive) is built. What is done instead: the links of
 * update-alternatives(1) are read from the scripts as text, a minimal /etc/passwd, /etc/group and the usual mount
 * points are added where no package has them, and who can run programs may add what scripts would have made (`configure`).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "../cache/atomic.ts";
import { UnpackedStore } from "../cache/store.ts";
import { ImageError } from "../image-error.ts";
import type { OnProgress } from "../progress.ts";
import { RootBuilder, type RootTree } from "../root-tree.ts";
import { installAlternatives } from "./alternatives.ts";
import { aptMirrors } from "./apt-sources.ts";
import { findCommand } from "./command.ts";
import { type Configure, configured } from "./configured.ts";
import type { DebNotes } from "./deb.ts";
import { fetchPackages, type PackageArchive } from "./fetch-packages.ts";
import { isLockedList, type Lock, type LockedPackage, readLock, writeLock } from "./lock.ts";
import { MIRROR_CURE, Mirror } from "./mirror.ts";
import { resolveClosure } from "./resolve.ts";
import { completeRoot, mergeUsr } from "./skeleton.ts";
import { ARCHITECTURE, openSuite, type Suite } from "./suite.ts";

const SUITE = "trixie";

export interface DebianSpec {
  /** One at the least. */
  readonly packageNames: readonly string[];
  readonly command: string | undefined;
}

export interface DebianOptions {
  readonly cacheDir: string;
  /** URL of the archive's root; without one the machine's apt sources are asked. */
  readonly mirror?: string | undefined;
  /** Read if it is there, written if it is not or has no entry for the package. */
  readonly lockFile?: string | undefined;
  /** A lock file of packages that are known to work, for when the mirror's index cannot be had. */
  readonly testedLock?: string | undefined;
  /** Makes what configuring the packages would. */
  readonly configure?: Configure | undefined;
  /** Told what was done for want of something better. */
  readonly onNotice?: ((text: string) => void) | undefined;
  /** Where apt keeps its sources. */
  readonly aptDirectory?: string | undefined;
  readonly onProgress?: OnProgress | undefined;
}

export async function openDebian(spec: DebianSpec, options: DebianOptions): Promise<RootTree | ImageError> {
  const lock = options.lockFile === undefined ? undefined : readLock(options.lockFile);
  if (lock instanceof ImageError) return lock;
  const mismatch = lock && checkPlatform(lock);
  if (mismatch !== undefined) return mismatch;

  const { packageNames } = spec;
  const key = packageNames.join(",");
  const locked = lock?.programs[key];
  const choice = locked === undefined ? await choose(packageNames, options) : await useLock(locked, options);
  if (choice instanceof ImageError) return choice;

  const home = join(options.cacheDir, "debian");
  const store = new UnpackedStore<DebNotes>(join(home, "packages"));
  const onProgress = options.onProgress ?? (() => undefined);
  const archives = await fetchPackages(choice.packages, choice.mirrors, store, join(home, "downloads"), onProgress);
  if (archives instanceof ImageError) return archives;
  if (options.lockFile !== undefined && locked === undefined) {
    writeLock(options.lockFile, lock, { suite: SUITE, architecture: ARCHITECTURE }, key, choice.packages);
  }
  const own = choice.packages.findIndex((entry) => entry.name === packageNames[0]);
  const builder = new RootBuilder();
  const tree = assemble(spec, builder, choice.packages, archives, archives[own]);
  if (tree instanceof ImageError || options.configure === undefined) return tree;
  const kept = await configured(tree, choice.packages, join(home, "configured"), options.configure);
  return kept?.addTo(builder) ?? tree;
}

/** The packages to take, and where those that are not cached can be had. */
interface Choice {
  readonly packages: readonly LockedPackage[];
  readonly mirrors: readonly Mirror[];
}

function checkPlatform({ suite, architecture }: Lock): ImageError | undefined {
  if (suite === SUITE && architecture === ARCHITECTURE) return undefined;
  return new ImageError(
    `the lock file is for ${suite} ${architecture}, not for ${SUITE} ${ARCHITECTURE}`,
    "Delete it to resolve anew.",
  );
}

function useLock(packages: readonly LockedPackage[], options: DebianOptions): Choice {
  // No mirror is an error only if something has to be fetched.
  const known = knownMirrors(options);
  return { packages, mirrors: known instanceof ImageError ? [] : known };
}

/** The packages that are known to work, if the list is one of those: a mirror amid an update keeps nobody from running them. */
function tested(packageNames: readonly string[], options: DebianOptions, why: ImageError): Choice | undefined {
  const lock = options.testedLock === undefined ? undefined : readLock(options.testedLock);
  if (lock === undefined || lock instanceof ImageError || checkPlatform(lock) !== undefined) return undefined;
  const packages = lock.programs[packageNames.join(",")];
  if (packages === undefined) return undefined;
  options.onNotice?.(`${why.message}; taking the packages that this version of Drupe was tested with`);
  return useLock(packages, options);
}

/** Resolves packages by the mirror's index of now; the result is kept with the index, so that it is computed once. */
async function choose(packageNames: readonly string[], options: DebianOptions): Promise<Choice | ImageError> {
  const suite = await firstSuite(options);
  if (suite instanceof ImageError) return suite;
  const memo = join(options.cacheDir, "debian", "closure", suite.id, `${packageNames.join(",")}.json`);
  const mirrors = [suite.mirror];
  const known = readClosure(memo);
  if (known !== undefined) return { packages: known, mirrors };
  const index = await suite.packages();
  if (index instanceof ImageError) return tested(packageNames, options, index) ?? index;
  const closure = resolveClosure(index, packageNames);
  if (closure instanceof ImageError) return closure;
  const packages = closure.map(({ name, version, filename, sha256, size }) => ({
    name,
    version,
    filename,
    sha256,
    size,
  }));
  writeAtomically(memo, JSON.stringify(packages));
  return { packages, mirrors };
}

/** Opens the suite at the first mirror that has it; the last one's complaint is the error. */
async function firstSuite(options: DebianOptions): Promise<Suite | ImageError> {
  const mirrors = knownMirrors(options);
  if (mirrors instanceof ImageError) return mirrors;
  const onProgress = options.onProgress ?? (() => undefined);
  const guessed = options.mirror === undefined;
  let failure: ImageError | undefined;
  for (const mirror of mirrors) {
    const suite = await openSuite(mirror, SUITE, join(options.cacheDir, "debian"), guessed, onProgress);
    if (!(suite instanceof ImageError)) return suite;
    failure ??= suite;
  }
  return failure ?? noMirror();
}

function knownMirrors({ mirror, aptDirectory }: DebianOptions): readonly Mirror[] | ImageError {
  if (mirror !== undefined) {
    if (/^https?:\/\/[^/]/.test(mirror) && URL.canParse(mirror)) return [new Mirror(mirror)];
    return new ImageError(`the mirror "${mirror}" is not an http or https URL`, MIRROR_CURE);
  }
  const mirrors = aptMirrors(aptDirectory ?? "/etc/apt").map((base) => new Mirror(base));
  return mirrors.length === 0 ? noMirror() : mirrors;
}

function noMirror(): ImageError {
  return new ImageError("no Debian mirror is known: this machine's apt sources name none", MIRROR_CURE);
}

function readClosure(path: string): readonly LockedPackage[] | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isLockedList(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function assemble(
  { packageNames, command }: DebianSpec,
  builder: RootBuilder,
  packages: readonly LockedPackage[],
  archives: readonly PackageArchive[],
  own: PackageArchive | undefined,
): RootTree | ImageError {
  const alternatives = archives.flatMap((archive) => archive.notes.alternatives);
  let failed = mergeUsr(builder);
  for (const [i, archive] of archives.entries()) {
    const { name, version, sha256 } = packages[i]!;
    builder.origin = `debian:${name} ${version} sha256:${sha256}`;
    failed ??= archive.addTo(builder);
  }
  builder.origin = undefined;
  failed ??= installAlternatives(builder, alternatives) ?? completeRoot(builder);
  const close = () => {
    for (const archive of archives) archive.close();
  };
  const paths = own?.records.map((record) => record.path) ?? [];
  const program = failed ?? findCommand(builder, packageNames[0]!, command, paths);
  if (!(program instanceof ImageError)) return builder.finish(program, close);
  close();
  return program;
}
