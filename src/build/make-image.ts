/** From a plan to an image: its manifest and its bytes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ByteString, utf8Decode, utf8Encode } from "../base/bytes.ts";
import { createWasmEngine } from "../engine/index.ts";
import { buildInterpreter, interpreterName, USUAL_BUILDS } from "../engine/interp/module.ts";
import { encodeStartRecord } from "../engine/replay/encode-record.ts";
import { createReplayEngine } from "../engine/replay/replay-engine.ts";
import type { StartRecord } from "../engine/replay/start-record.ts";
import { encodeImage, type OpenImage, openImage } from "../entry/container.ts";
import { type ChosenLibrary, IMAGE_FORMAT, type Manifest } from "../entry/manifest.ts";
import { bytesSource } from "../entry/node/main.ts";
import { quietConsole } from "../entry/node/quiet-console.ts";
import { streamsOf } from "../entry/replay.ts";
import { lookUp, type RootEntry } from "../image/index.ts";
import type { Library } from "../kernel/library.ts";
import type { Engine } from "../machine/engine.ts";
import { compiler, type ProfileRun, profile } from "./ahead/profile.ts";
import { type RecordedObject, Recorder } from "./ahead/recorder.ts";
import { type AheadResult, AheadTranslator } from "./ahead/translate-objects.ts";
import { type Analysis, analyze } from "./analyze/analyze.ts";
import { Recording } from "./analyze/recording.ts";
import { BuildError } from "./build-error.ts";
import { distFolder } from "./dist-folder.ts";
import { catalogue } from "./libraries/catalogue.ts";
import { type Choice, choose } from "./libraries/choose.ts";
import { resolve } from "./libraries/resolve.ts";
import type { ImagePlan } from "./plan.ts";
import { BlobWriter } from "./root/blobs.ts";
import { Draft, type ManifestHead } from "./root/draft.ts";
import { knownPrograms, type Programs } from "./root/known-programs.ts";
import { LeftCaches } from "./root/left-caches.ts";
import { packRoot } from "./root/pack.ts";
import { recordStart } from "./start/record-start.ts";
import { STREAMS } from "./start/streams.ts";

export interface MadeImage {
  readonly manifest: Manifest;
  /** The image as a file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether it has a file system, or only its program. */
  readonly files: boolean;
  readonly ahead: AheadResult;
  readonly programs: Programs | undefined;
  /** What is worth telling: sentences. */
  readonly warnings: readonly string[];
}

const { version } = JSON.parse(readFileSync(join(distFolder, "..", "package.json"), "utf8")) as { version: string };

/** Files that each start reads are not packed from this size on, where the image need not be small. */
const LARGE = 1 << 17;

/** Makes an image. Nothing is written. */
export async function makeImage(asked: ImagePlan): Promise<MadeImage | BuildError> {
  const analysis = lookAt(asked);
  if (analysis instanceof BuildError) return analysis;
  // Libraries that are named do not follow from a run: what is wrong with them is told before anything takes long.
  const named = asked.libraries.kind === "named" ? settle(asked, analysis, new Recording()) : undefined;
  if (named instanceof BuildError) return named;
  const plan = await withCaches(asked);
  if (plan instanceof BuildError) return plan;
  const blobs = new BlobWriter(plan.packing, plan.page ? "deflate" : "brotli");
  const draft = new Draft(plan.tree, headOf(plan, []), plan.times);
  const tried = await tryOut(plan.startsByRecord ? { ...plan, ahead: "none" } : plan, draft.image, blobs);
  if (tried instanceof BuildError) return tried;

  const settled = settle(plan, analysis, tried.recording);
  if (settled instanceof BuildError) return settled;
  const { choice, libraries } = settled;

  const files = libraries.some(({ name }) => name === "vfs");
  for (const object of analysis.objects) draft.note(utf8Encode(object));
  // What a program looked for must still be found where it was, although it may never have been read.
  for (const path of tried.recording.paths) draft.note(absolute(path, plan.program.cwd));
  const needed = plan.files === "needed" ? draft.needed(plan.include) : undefined;
  const keep = (path: ByteString): boolean => (files ? (needed?.has(path) ?? true) : `/${path}` === plan.program.path);
  const read = draft.readFiles();
  const often = (entry: RootEntry): boolean => read.has(entry) && entry.type === "file" && entry.size >= LARGE;
  const { root, sources } = packRoot(plan.tree, blobs, { keep, times: plan.times, origin: plan.origin, often });
  const modules = Object.fromEntries(interpreters(plan).map(([name, wasm]) => [name, blobs.add(wasm)]));
  const bare = { ...headOf(plan, libraries), modules, targets: [], ahead: [], root, sources, blobs: blobs.table };
  const recorded = plan.startsByRecord ? await tryByRecord(plan, bare, blobs) : undefined;
  if (recorded instanceof BuildError) return recorded;
  const { ahead } = recorded ?? tried;
  const manifest: Manifest = { ...bare, ...recorded?.record, targets: ahead.targets, ahead: ahead.rows };
  const warnings = [...tried.runs.flatMap((run) => runWarning(run)), ...choice.missing.map(missingWarning)];
  const programs = knownPrograms(plan.tree, plan.program.path, libraries);
  return { manifest, bytes: encodeImage(manifest, blobs.bytes), files, ahead, programs, warnings };
}

/** Runs the program once beforehand if it is likely to leave caches, so that its later runs find them. */
async function withCaches(plan: ImagePlan): Promise<ImagePlan | BuildError> {
  if (plan.profile.length === 0 || !LeftCaches.areLikely(plan.tree)) return plan;
  const caches = new LeftCaches();
  const done = await profile({
    image: new Draft(plan.tree, headOf(plan, []), plan.times).image,
    runs: plan.profile,
    seconds: plan.profileSeconds,
    engine: createWasmEngine({ compiler: compiler() }),
    extra: [caches.library],
  });
  return done instanceof BuildError ? done : { ...plan, tree: caches.addTo(plan.tree) };
}

function absolute(path: ByteString, cwd: ByteString): ByteString {
  return path.startsWith("/") ? path : (`${cwd}/${path}` as ByteString);
}

/** Only the libraries that an image would get: nothing is translated. */
export async function chooseLibraries(plan: ImagePlan): Promise<readonly ChosenLibrary[] | BuildError> {
  const analysis = lookAt(plan);
  if (analysis instanceof BuildError) return analysis;
  const draft = new Draft(plan.tree, headOf(plan, []), plan.times);
  const tried = await tryOut({ ...plan, ahead: "none" }, draft.image, new BlobWriter("none"));
  if (tried instanceof BuildError) return tried;
  const { wishes, calls } = chooseFor(plan, analysis, tried.recording);
  return resolve({ catalogue, wishes, without: plan.without, calls });
}

/** Looks at the program and at what it names: both must be there. */
function lookAt({ tree, program }: ImagePlan): Analysis | BuildError {
  if (lookUp(tree.entries, program.path)?.entry.type !== "file") {
    return new BuildError(
      `the root has no program ${utf8Decode(program.path)}`,
      "Name one that it holds: cmd in drupe.yaml, or the part behind the slash of debian:PACKAGE/COMMAND.",
    );
  }
  const analysis = analyze(tree, program.path);
  if (analysis instanceof BuildError || analysis.missing.length === 0) return analysis;
  return new BuildError(
    `${utf8Decode(program.path)} needs ${analysis.missing.join(", ")}, which the root does not have`,
    "Build from a root that holds it (rootfs), or link the program statically.",
  );
}

interface TriedByRecord extends Tried {
  readonly record: Pick<Manifest, "starts">;
}

/**
 * Records how the program of a finished image starts, and translates what it runs behind that. The image has to be the very one: its
 * inodes, its libraries and its devices are in what the program is answered.
 */
async function tryByRecord(plan: ImagePlan, bare: Manifest, blobs: BlobWriter): Promise<TriedByRecord | BuildError> {
  const { program, volumes, profileSeconds: seconds } = plan;
  if (volumes.length > 0) {
    return new BuildError("a recorded start knows nothing of volumes", "Leave out volumes, or start: recorded.");
  }
  const image = openImage(bytesSource(encodeImage(bare, blobs.bytes))) as OpenImage;
  const starts = new Map<string, StartRecord>();
  for (const streams of STREAMS) {
    const start = await recordStart({ image, argv: program.argv, seconds, streams });
    if (start instanceof BuildError) return start;
    starts.set(streams, start);
  }
  const tried = await tryOut(plan, image, blobs, starts.get(streamsOf(quietConsole({}))));
  if (tried instanceof BuildError) return tried;
  const rows = [...starts].map(([streams, start]) => {
    const { head, memory } = encodeStartRecord(start);
    return [streams, { head: blobs.add(head), memory: memory.map((piece) => blobs.add(piece, true)) }] as const;
  });
  return { ...tried, record: { starts: Object.fromEntries(rows) } };
}

interface Tried {
  readonly runs: readonly ProfileRun[];
  readonly recording: Recording;
  readonly ahead: AheadResult;
}

/** Loads or runs the program as it is asked for, and translates what it had mapped. */
async function tryOut(
  plan: ImagePlan,
  image: OpenImage,
  blobs: BlobWriter,
  start?: StartRecord,
): Promise<Tried | BuildError> {
  const { runtime, ahead: scope, policy = "null", profile: runs, profileSeconds: seconds } = plan;
  const fma = compiler().fusedMultiplyAdd;
  const translator = new AheadTranslator({ blobs, runtime, scope, policy, fma, counting: plan.page });
  const recording = new Recording();
  // What is hot behind the record is what such a start brings.
  const around = (engine: Engine): Engine =>
    start === undefined || !isSame(runs[0], plan.program.argv) ? engine : createReplayEngine(engine, start);
  const run = (recorder: Recorder, extra: readonly Library[]): Promise<readonly ProfileRun[] | BuildError> =>
    profile({
      image,
      runs,
      seconds,
      engine: recorder.engine,
      extra: [...extra, recorder.library],
      spentMs: () => translator.spentMs,
    });
  const done = await run(new Recorder(compiler(), (objects) => translator.take(objects), undefined, around), [
    recording.library,
  ]);
  if (done instanceof BuildError) return done;
  if (scope !== "none" && runtime !== "none" && runs.length > 0) {
    for (let round = 0, more = true; more && round < MORE_RUNS; round++) {
      more = false;
      const take = (objects: readonly RecordedObject[]): void => {
        if (translator.takeMore(objects)) more = true;
      };
      const again = await run(new Recorder(compiler(), take, translator.code, around), []);
      if (again instanceof BuildError) return again;
    }
  }
  return { runs: done, recording, ahead: translator.result };
}

function isSame(run: readonly ByteString[] | undefined, argv: readonly ByteString[]): boolean {
  return run?.length === argv.length && run.every((word, i) => word === argv[i]);
}

/** Runs on code that was translated, to see where it is left for code that was not. */
const MORE_RUNS = 5;

/** Chooses libraries; the program must have those that it cannot do without. */
function settle(
  plan: ImagePlan,
  analysis: Analysis,
  recording: Recording,
): { readonly choice: Choice; readonly libraries: readonly ChosenLibrary[] } | BuildError {
  const choice = chooseFor(plan, analysis, recording);
  const { wishes, calls } = choice;
  const libraries = resolve({ catalogue, wishes, without: plan.without, calls });
  if (libraries instanceof BuildError) return libraries;
  return findLack(analysis, choice, libraries) ?? { choice, libraries };
}

function chooseFor(plan: ImagePlan, analysis: Analysis, recording: Recording): Choice {
  const { libraries, tree, program, volumes, ports } = plan;
  if (libraries.kind === "named") return { wishes: libraries.wishes, calls: undefined, missing: [] };
  const content = lookUp(tree.entries, program.path)!.entry;
  const text = content.type === "file" ? Buffer.from(content.read()).toString("latin1") : "";
  const choice = choose({
    catalogue,
    analysis,
    recording,
    recordedOnly: libraries.kind === "recorded",
    folders: volumes.some(({ named }) => !named),
    volumes: volumes.some(({ named }) => named),
    ports: ports.length > 0,
    terminal: plan.page,
    mentions: (word) => text.includes(word),
  });
  return { ...choice, wishes: [...choice.wishes, ...libraries.also] };
}

/** A library that the program cannot do without and the image does not have. */
function findLack(analysis: Analysis, { wishes }: Choice, libraries: readonly ChosenLibrary[]): BuildError | undefined {
  const has = (name: string): boolean => libraries.some((library) => library.name === name);
  const lacks = (name: string, why: string): BuildError =>
    new BuildError(`the image has no library ${name}, but ${why}`, `Add ${name} to "libraries", or let it be auto.`);
  if (analysis.dynamic && !has("vfs"))
    return lacks("vfs", `${analysis.program} is linked dynamically: it opens its libraries`);
  if (analysis.dynamic && !has("posix-mm"))
    return lacks("posix-mm", `the dynamic linker of ${analysis.program} maps files`);
  if (has("vfs") && !has("fs-ram")) return lacks("fs-ram", "its root is in memory");
  const lost = wishes.find(({ name }) => !has(name));
  return lost && lacks(lost.name, lost.why);
}

/** The interpreter's modules that hosts with threads use. */
function interpreters({ runtime }: ImagePlan): readonly (readonly [string, Uint8Array])[] {
  if (runtime === "none") return [];
  const builds = USUAL_BUILDS.filter(({ tiering }) => tiering);
  return builds.map((options) => [interpreterName(options), buildInterpreter(options)]);
}

/** What a manifest says that follows from the plan. */
export function headOf(plan: ImagePlan, libraries: readonly ChosenLibrary[]): ManifestHead {
  const { name, program, labels, volumes, ports, hostname, memory, policy, runtime } = plan;
  return {
    format: IMAGE_FORMAT,
    drupe: version,
    name,
    program,
    labels,
    volumes,
    ...(ports.length === 0 ? {} : { ports }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(memory === undefined ? {} : { memory }),
    ...(policy === undefined ? {} : { policy }),
    runtime,
    libraries,
  };
}

function runWarning({ argv, status, stderr }: ProfileRun): readonly string[] {
  if (status === undefined || status === "exited with 0") return [];
  const last = stderr.trim().split("\n").at(-1) ?? "";
  return [`the recorded run ${argv.map(utf8Decode).join(" ")} ${status}${last === "" ? "" : `: ${last}`}`];
}

function missingWarning(name: string): string {
  return `the program can ask for ${name}, which no library provides: it gets ENOSYS`;
}
