/** The index of a suite, fetched once and kept, checked against the mirror's Release file at each use. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
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

/** For so long a mirror is not asked again: who runs a program over and over waits for no network. */
const FRESH_MS = 10 * 60 * 1000;

/** What is remembered of a mirror's Release file. */
interface KnownRelease {
  /** When the mirror last said that this is so: milliseconds since 1970. */
  readonly checkedMs: number;
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
 * Asks a mirror for its suite: a conditional request, and none at all if the last is only minutes ago.
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
  const age = Date.now() - (known?.checkedMs ?? 0);
  const asked =
    known !== undefined && age >= 0 && age < FRESH_MS ? known : await askRelease(mirror, suite, known, mustBeDebian);
  if (asked instanceof ImageError) return asked;
  const load = (index: IndexFile) => loadPackages(mirror, suite, index, cacheDir, onProgress);
  const release = await settle(asked, known, load);
  if (release !== known) writeAtomically(memo, JSON.stringify(release));
  const { index } = release;
  return { mirror, id: index.sha256, packages: () => load(index) };
}

/**
 * The release to go by. A mirror amid an update of its own announces an index before it has it: until it does, what it had
 * before is used, if that was kept.
 */
async function settle(
  asked: KnownRelease,
  known: KnownRelease | undefined,
  load: (index: IndexFile) => Promise<PackageIndex | ImageError>,
): Promise<KnownRelease> {
  if (known === undefined || asked.index.sha256 === known.index.sha256) return asked;
  return (await load(asked.index)) instanceof ImageError ? { ...known, checkedMs: asked.checkedMs } : asked;
}

async function askRelease(
  mirror: Mirror,
  suite: string,
  known: KnownRelease | undefined,
  mustBeDebian: boolean,
): Promise<KnownRelease | ImageError> {
  const patience = known === undefined ? "full" : "short";
  const body = new MemoryReceiver();
  const ask = (name: string) =>
    mirror.fetchIfChanged(`dists/${suite}/${name}`, known?.validators ?? {}, body, patience);
  let answer = await ask("InRelease");
  // An archive that nobody signed has Release alone.
  if (answer instanceof FetchFailure && answer.kind === "missing") answer = await ask("Release");
  if (answer instanceof FetchFailure)
    return known !== undefined && answer.kind === "unreachable" ? known : answer.toImageError();
  const checkedMs = Date.now();
  // Only an answer to a conditional request is "unchanged".
  if (answer.status === "unchanged") return { ...known!, checkedMs };
  const release = parseRelease(body.text());
  if (release instanceof ImageError) return release;
  const index = indexOf(release, suite, mirror, mustBeDebian);
  return index instanceof ImageError ? index : { checkedMs, validators: answer.validators, index };
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
  const { decompress } = await import("../archive/decompress.ts");
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
