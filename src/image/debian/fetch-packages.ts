/** Gets packages into the cache: those missing are downloaded, verified and unpacked, a few at a time. */
import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from "node:fs";
import { DEFAULT_LIMITS } from "../archive/limits.ts";
import { sweep, temporaryIn } from "../cache/atomic.ts";
import type { UnpackedArchive, UnpackedStore } from "../cache/store.ts";
import { ImageError } from "../image-error.ts";
import { type OnProgress, PhaseMeter } from "../progress.ts";
import type { DebNotes } from "./deb.ts";
import type { LockedPackage } from "./lock.ts";
import { type FetchFailure, MIRROR_CURE, type Mirror, type Receiver } from "./mirror.ts";

/** Enough to hide the round trips of a mirror, few enough to be a polite guest. */
const PARALLEL = 5;

export type PackageArchive = UnpackedArchive<DebNotes>;

/** Opens all packages, in the given order. `mirrors` are tried in turn, and none is asked for what is in the store. */
export async function fetchPackages(
  packages: readonly LockedPackage[],
  mirrors: readonly Mirror[],
  store: UnpackedStore<DebNotes>,
  directory: string,
  onProgress: OnProgress,
): Promise<readonly PackageArchive[] | ImageError> {
  const archives = packages.map((locked) => store.open(locked.sha256));
  const missing = packages.filter((_, i) => archives[i] === undefined);
  const total = missing.reduce((sum, locked) => sum + locked.size, 0);
  const job: Job = {
    mirrors,
    store,
    directory,
    downloads: new PhaseMeter("download", total, onProgress),
    unpacks: new PhaseMeter("unpack", total, onProgress),
  };
  let failure: ImageError | undefined;
  const queue = packages.entries();
  const worker = async () => {
    for (const [i, locked] of queue) {
      if (failure !== undefined) return;
      if (archives[i] !== undefined) continue;
      const archive = await fetchPackage(locked, job);
      if (archive instanceof ImageError) failure ??= archive;
      else archives[i] = archive;
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return failure ?? (archives as readonly PackageArchive[]);
}

interface Job {
  readonly mirrors: readonly Mirror[];
  readonly store: UnpackedStore<DebNotes>;
  /** Where downloads lie until they are unpacked. */
  readonly directory: string;
  readonly downloads: PhaseMeter;
  readonly unpacks: PhaseMeter;
}

async function fetchPackage(locked: LockedPackage, job: Job): Promise<PackageArchive | ImageError> {
  const path = temporaryIn(job.directory);
  sweep(job.directory);
  const what = `${locked.name} ${locked.version}`;
  try {
    const failure = await download(locked, path, job);
    if (failure !== undefined) return failure;
    // Decoders are loaded only when there is something to unpack.
    const { unpackDeb } = await import("./deb.ts");
    const archive = await job.store.make(locked.sha256, (sink) => unpackDeb(what, path, sink, DEFAULT_LIMITS));
    job.unpacks.advance(locked.name, locked.size);
    return archive;
  } finally {
    rmSync(path, { force: true });
  }
}

async function download(locked: LockedPackage, path: string, job: Job): Promise<ImageError | undefined> {
  let failure: FetchFailure | undefined;
  for (const mirror of job.mirrors) {
    const file = new FileReceiver(path, (bytes) => job.downloads.advance(locked.name, bytes));
    try {
      const next = await mirror.fetchExact(locked.filename, locked, file);
      if (next === undefined) return undefined;
      failure = next;
      file.restart();
    } finally {
      file.close();
    }
  }
  if (failure?.kind === "missing") {
    return new ImageError(
      `no mirror has ${locked.name} ${locked.version} any more (${failure.url})`,
      "Pass a mirror that keeps old packages with --mirror URL, or delete the lock file's entry to take the current ones.",
    );
  }
  return failure?.toImageError() ?? new ImageError("no Debian mirror is known", MIRROR_CURE);
}

/** Writes a download to a file. */
class FileReceiver implements Receiver {
  length = 0;
  readonly #fd: number;
  readonly #onBytes: (bytes: number) => void;

  constructor(path: string, onBytes: (bytes: number) => void) {
    this.#fd = openSync(path, "w", 0o600);
    this.#onBytes = onBytes;
  }

  write(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) at += writeSync(this.#fd, chunk, at, chunk.length - at, this.length + at);
    this.length += chunk.length;
    this.#onBytes(chunk.length);
  }

  restart(): void {
    ftruncateSync(this.#fd, 0);
    this.#onBytes(-this.length);
    this.length = 0;
  }

  close(): void {
    closeSync(this.#fd);
  }
}
