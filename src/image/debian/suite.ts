/** The index of a suite, fetched once and kept, checked against the mirror's Release file at each use. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decompress } from "../archive/decompress.ts";
import { writeAtomically } from "../cache/atomic.ts";
import { MemorySink } from "../cache/store.ts";
import { ImageError, reasonOf } from "../image-error.ts";
import { type OnProgress, PhaseMeter } from "../progress.ts";
import { type Expected, FetchFailure, MIRROR_CURE, type Mirror, type Receiver, type Validators } from "./mirror.ts";
import { PackageIndex, slimIndex } from "./package-index.ts";
import { parseRelease, type Release } from "./release.ts";

/** What of the archive is used. */
export const ARCHITECTURE = "riscv64";
const COMPONENT = "main";

/** Far above the 54 MB of trixie's index; a bomb stops there. */
const MAX_INDEX_BYTES = 512 * 2 ** 20;

/** What is remembered of a mirror's Release file. */
interface KnownRelease {
  readonly validators: Validators;
  readonly index: IndexFile;
}

/** The index file that a Release names. */
interface IndexFile extends Expected {
  readonly path: string;
  readonly byHash: boolean;
}

/** A suite as one mirror has it now. */
export interface Suite {
  readonly mirror: Mirror;
  /** SHA-256 of the compressed index: the same hash, the same packages. */
  readonly id: string;
  packages(): Promise<PackageIndex | ImageError>;
}

/**
 * Asks a mirror for its suite; a conditional request, answered "304 Not Modified" on most days.
 *
 * If the mirror does not answer, what it said last is used, since the packages in it are held to their hashes anyway.
 * `mustBeDebian` refuses an archive of another origin, for addresses that are only a guess.
 */
export async function openSuite(
  mirror: Mirror,
  suite: string,
  cacheDir: string,
  mustBeDebian: boolean,
  onProgress: OnProgress,
): Promise<Suite | ImageError> {
  const memo = join(cacheDir, "release", `${suite}-${createHash("sha256").update(mirror.base).digest("hex")}.json`);
  const known = readKnown(memo);
  const now = await askRelease(mirror, suite, known);
  let index: IndexFile;
  if (now instanceof FetchFailure) {
    if (known === undefined || now.kind !== "unreachable") return now.toImageError();
    index = known.index;
  } else if (now === "unchanged") index = known!.index;
  else {
    const release = parseRelease(now.text);
    if (release instanceof ImageError) return release;
    const file = indexOf(release, suite, mirror, mustBeDebian);
    if (file instanceof ImageError) return file;
    index = file;
    writeAtomically(memo, JSON.stringify({ validators: now.validators, index } satisfies KnownRelease));
  }
  return { mirror, id: index.sha256, packages: () => loadPackages(mirror, suite, index, cacheDir, onProgress) };
}

async function askRelease(mirror: Mirror, suite: string, known: KnownRelease | undefined) {
  for (const name of ["InRelease", "Release"]) {
    const body = new MemoryReceiver();
    const answer = await mirror.fetchIfChanged(`dists/${suite}/${name}`, known?.validators ?? {}, body);
    if (answer instanceof FetchFailure) {
      if (answer.kind === "missing" && name === "InRelease") continue;
      return answer;
    }
    return answer.status === "unchanged"
      ? ("unchanged" as const)
      : { text: body.text(), validators: answer.validators };
  }
  throw new Error("unreachable: the last name returns");
}

function indexOf(release: Release, suite: string, mirror: Mirror, mustBeDebian: boolean): IndexFile | ImageError {
  if (mustBeDebian && release.origin !== "Debian") {
    return new ImageError(`${mirror.base} is an archive of "${release.origin}", not of Debian`, MIRROR_CURE);
  }
  if (release.codename !== suite && release.suite !== suite) {
    return new ImageError(`${mirror.base} has the suite ${release.codename} in the place of ${suite}`, MIRROR_CURE);
  }
  for (const suffix of [".xz", ".gz", ""]) {
    const path = `${COMPONENT}/binary-${ARCHITECTURE}/Packages${suffix}`;
    const file = release.files.get(path);
    if (file !== undefined) return { path, byHash: release.byHash, ...file };
  }
  return new ImageError(`${mirror.base} has no packages for ${ARCHITECTURE} in ${suite}`, MIRROR_CURE);
}

async function loadPackages(
  mirror: Mirror,
  suite: string,
  index: IndexFile,
  cacheDir: string,
  onProgress: OnProgress,
): Promise<PackageIndex | ImageError> {
  const kept = join(cacheDir, "index", index.sha256);
  try {
    return new PackageIndex(readFileSync(kept, "utf8"));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ENOENT") throw thrown;
  }
  const meter = new PhaseMeter("index", index.size, onProgress);
  const packed = new MemoryReceiver((bytes) => meter.advance(`${suite} ${COMPONENT} ${ARCHITECTURE}`, bytes));
  const failure = await fetchIndex(mirror, suite, index, packed);
  if (failure !== undefined) return failure.toImageError();
  const text = await unpackText(packed.bytes());
  if (text instanceof ImageError) return text;
  const slim = slimIndex(text);
  writeAtomically(kept, slim);
  return new PackageIndex(slim);
}

async function fetchIndex(mirror: Mirror, suite: string, index: IndexFile, receiver: Receiver) {
  const directory = index.path.slice(0, index.path.lastIndexOf("/"));
  if (index.byHash) {
    const path = `dists/${suite}/${directory}/by-hash/SHA256/${index.sha256}`;
    const failure = await mirror.fetchExact(path, index, receiver);
    if (failure?.kind !== "missing") return failure;
    receiver.restart();
  }
  return mirror.fetchExact(`dists/${suite}/${index.path}`, index, receiver);
}

async function unpackText(packed: Uint8Array): Promise<string | ImageError> {
  const sink = new MemorySink();
  try {
    for await (const chunk of decompress(only(packed))) {
      sink.write(chunk);
      if (sink.length > MAX_INDEX_BYTES) throw new Error(`it is longer than ${MAX_INDEX_BYTES} bytes`);
    }
  } catch (thrown) {
    return new ImageError(`the mirror's index cannot be unpacked: ${reasonOf(thrown)}`, MIRROR_CURE);
  }
  // Every field that is kept is ASCII, and Latin-1 decodes five times as fast as UTF-8.
  return sink.text("latin1");
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function readKnown(path: string): KnownRelease | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as KnownRelease;
  } catch {
    return undefined;
  }
}

/** Collects an answer in memory. */
class MemoryReceiver implements Receiver {
  readonly #onBytes: (bytes: number) => void;
  #sink = new MemorySink();

  constructor(onBytes: (bytes: number) => void = () => undefined) {
    this.#onBytes = onBytes;
  }

  get length(): number {
    return this.#sink.length;
  }

  write(chunk: Uint8Array): void {
    this.#sink.write(chunk);
    this.#onBytes(chunk.length);
  }

  restart(): void {
    this.#onBytes(-this.#sink.length);
    this.#sink = new MemorySink();
  }

  bytes(): Uint8Array {
    return this.#sink.range(0, this.#sink.length);
  }

  text(): string {
    return this.#sink.text("utf8");
  }
}
