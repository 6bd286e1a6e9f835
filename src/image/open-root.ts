/** Where a root file system comes from: a directory, an archive or Debian packages. */
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defaultCacheDir } from "../base/cache-dir.ts";
import type { ArchiveLimits } from "./archive/limits.ts";
import type { Configure } from "./debian/configured.ts";
import type { DebianSpec } from "./debian/open-debian.ts";
import { ImageError, isSystemError, reasonOf } from "./image-error.ts";
import type { OnProgress } from "./progress.ts";
import type { RootTree } from "./root-tree.ts";

export interface RootOptions {
  /** Where downloads and unpacked archives are kept; see `defaultCacheDir`. Made when it is needed. */
  readonly cacheDir: string;
  /** URL of a Debian archive's root; undefined asks the machine's apt sources. */
  readonly mirror?: string | undefined;
  /** Path of the lock file for `debian:`; undefined takes what the mirror has now and records nothing. */
  readonly lockFile?: string | undefined;
  /** A lock file of packages known to work, for when a mirror's index cannot be had. */
  readonly testedLock?: string | undefined;
  /** Makes what configuring Debian packages would; without it that is left out. */
  readonly configure?: Configure | undefined;
  /** Told in a sentence what was done for want of something better. */
  readonly onNotice?: ((text: string) => void) | undefined;
  /** Where apt keeps its sources; /etc/apt if undefined. */
  readonly aptDirectory?: string | undefined;
  /** What an archive given as `--rootfs` may unpack to; 4 GiB and a million files if undefined. */
  readonly limits?: ArchiveLimits | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/**
 * Opens a root file system.
 *
 * `spec` is `debian:PACKAGE[,PACKAGE…][/COMMAND]`, or the path of a directory or of a tar archive (plain, gzip, xz, zstd: told by
 * content). The tree of a Debian package names its `command`; the others leave that to the user. Nothing is printed,
 * and every failure that a user can meet comes back as a value. Without `debian:` no network is used; with it none, if
 * the lock file has the package and the cache has the files.
 */
export async function openRoot(spec: string, options: RootOptions): Promise<RootTree | ImageError> {
  try {
    return await openSource(spec, options);
  } catch (thrown) {
    // What the operating system refuses is the user's to mend; anything else is a bug.
    if (!isSystemError(thrown)) throw thrown;
    return new ImageError(
      `${spec} cannot be opened: ${reasonOf(thrown)}`,
      `Check the path, its permissions and the space left; the cache is ${options.cacheDir} (DRUPE_CACHE).`,
    );
  }
}

// Each kind is loaded when it is asked for: a run of a local program pays for none of them.
async function openSource(spec: string, options: RootOptions): Promise<RootTree | ImageError> {
  if (spec.startsWith("debian:")) {
    const parsed = parseDebianSpec(spec);
    if (parsed instanceof ImageError) return parsed;
    const { openDebian } = await import("./debian/open-debian.ts");
    return openDebian(parsed, options);
  }
  const stat = statSync(spec, { throwIfNoEntry: false });
  if (stat === undefined) {
    return new ImageError(`there is no ${spec}`, "Pass a directory, a tar archive, or debian:PACKAGE.");
  }
  if (stat.isDirectory()) return (await import("./host-directory.ts")).openDirectory(spec);
  return (await import("./archive/open-archive.ts")).openArchive(spec, options);
}

/**
 * Takes a specification of Debian packages apart. Their names are those of Debian Policy 5.6.1; a COMMAND with a slash in it
 * is a path in the root.
 */
export function parseDebianSpec(spec: string): DebianSpec | ImageError {
  const found = /^debian:(?<names>[a-z0-9+.,-]+)(?:\/(?<command>.+))?$/s.exec(spec)?.groups;
  const names = found?.names?.split(",") ?? [];
  if (names.length > 0 && names.every((name) => /^[a-z0-9][a-z0-9+.-]+$/.test(name))) {
    return { packageNames: names, command: found?.command };
  }
  return new ImageError(
    `${spec} does not name a Debian package`,
    "Write debian:PACKAGE or debian:PACKAGE/COMMAND; package names are in lower case, as in debian:sqlite3.",
  );
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What flags and, where they are silent, the environment say of roots: DRUPE_CACHE and XDG_CACHE_HOME for the cache,
 * DRUPE_DEBIAN_MIRROR, DRUPE_LOCK for the lock file. Beside it stands what this version was tested with.
 */
export function rootOptions(
  env: Environment,
  home: string,
  flags: { readonly mirror?: string | undefined; readonly lock?: string | undefined } = {},
): RootOptions {
  return {
    cacheDir: defaultCacheDir(env, home),
    mirror: flags.mirror ?? (env.DRUPE_DEBIAN_MIRROR || undefined),
    lockFile: flags.lock ?? (env.DRUPE_LOCK || undefined),
    testedLock: fileURLToPath(new URL("../../share/debian.lock", import.meta.url)),
  };
}
