/** From what the user says to a plan: configuration and command line, defaults filled in. */
import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { type ByteString, utf8Decode, utf8Encode } from "../base/bytes.ts";
import { type Port, parsePort } from "../entry/ports.ts";
import { checkVolume, parseVolume, type Volume } from "../entry/volumes.ts";
import { ImageError, lookUp, openRoot, type RootEntry, type RootOptions, type RootTree } from "../image/index.ts";
import { presets } from "../preset/presets.ts";
import { BuildError } from "./build-error.ts";
import type { DrupeConfig } from "./config/schema.ts";
import { catalogue } from "./libraries/catalogue.ts";
import { nearest } from "./nearest.ts";
import type { ImagePlan, LibraryChoice } from "./plan.ts";

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const PROFILE_SECONDS = 20;

/** Opens the root that a configuration names, and settles what it leaves open. */
export async function makePlan(config: DrupeConfig, roots: RootOptions): Promise<ImagePlan | BuildError> {
  const opened = await openSource(config.root, roots);
  if (opened instanceof BuildError) return opened;
  const { tree } = opened;
  const argv = commandOf(config, opened);
  if (argv instanceof BuildError) return argv;
  const path = findProgram(tree, argv[0]!);
  if (path instanceof BuildError) return path;
  const libraries = librariesOf(config);
  if (libraries instanceof BuildError) return libraries;
  const memory = memoryOf(config.memory);
  if (memory instanceof BuildError) return memory;
  const volumes = volumesOf(config);
  if (volumes instanceof BuildError) return volumes;
  const ports = portsOf(config);
  if (ports instanceof BuildError) return ports;
  const runtime = config.runtime ?? "full";
  const ahead = config.ahead ?? "all";
  if (runtime === "none" && ahead !== "all") {
    return new BuildError(
      `runtime: none runs nothing but what was translated, and ahead is ${ahead}`,
      "Set ahead: all.",
    );
  }
  const program = argv.map(utf8Encode);
  return {
    name: config.name ?? basename(argv[0]!),
    tree,
    origin: opened.origin,
    program: {
      path,
      argv: program,
      env: [`PATH=${PATH}`, "HOME=/root", ...environmentOf(config.env)].map(utf8Encode),
      cwd: utf8Encode(config.workdir ?? "/"),
    },
    libraries,
    without: withoutOf(config),
    runtime,
    ahead,
    policy: config.policy,
    profile: profileOf(config, program),
    profileSeconds: config.profileSeconds ?? PROFILE_SECONDS,
    startsByRecord: config.start === "recorded",
    files: config.files ?? "all",
    include: (config.include ?? []).map((each) => utf8Encode(each.replace(/^\/+|\/+$/g, ""))),
    packing: config.compress ?? "fast",
    times: opened.times,
    labels: config.labels ?? {},
    volumes,
    ports,
    hostname: config.hostname,
    memory,
    trace: config.strace ?? false,
    page: false,
  };
}

interface OpenedSource {
  readonly tree: RootTree;
  readonly origin: string;
  readonly times: ImagePlan["times"];
  /** What the source is about, if it is about a program. */
  readonly command: string | undefined;
}

/** An instant for files of this machine, whose own times differ from copy to copy: SOURCE_DATE_EPOCH, else 1970. */
function fixedTime(): number {
  const given = Number(process.env.SOURCE_DATE_EPOCH ?? 0);
  return Number.isSafeInteger(given) ? given : 0;
}

async function openSource(spec: string, roots: RootOptions): Promise<OpenedSource | BuildError> {
  const single = singleProgram(spec);
  if (single !== undefined) return single;
  const tree = await openRoot(spec, roots);
  if (tree instanceof ImageError) return new BuildError(tree.message, tree.cure);
  const own = !spec.startsWith("debian:");
  const command = tree.command === undefined ? undefined : utf8Decode(tree.command);
  return { tree: own ? ownedByRoot(tree) : tree, origin: spec, times: own ? fixedTime() : "keep", command };
}

/** A file that is no archive is the one program of its root. */
function singleProgram(spec: string): OpenedSource | undefined {
  if (spec.startsWith("debian:") || !statSync(spec, { throwIfNoEntry: false })?.isFile()) return undefined;
  const content = readFileSync(spec);
  const isProgram =
    content.subarray(0, 4).toString("latin1") === "\x7fELF" || content.subarray(0, 2).toString() === "#!";
  if (!isProgram) return undefined;
  const meta = { uid: 0, gid: 0, mtime: { seconds: 0, nanoseconds: 0 } };
  const entries = new Map<ByteString, RootEntry>([
    ["" as ByteString, { type: "directory", mode: 0o755, ...meta }],
    [utf8Encode(basename(spec)), { type: "file", mode: 0o755, size: content.length, read: () => content, ...meta }],
  ]);
  const tree = { entries, command: undefined, close() {} };
  return { tree, origin: spec, times: fixedTime(), command: `/${basename(spec)}` };
}

/** Who owns files on this machine says nothing about the guest. */
function ownedByRoot(tree: RootTree): RootTree {
  const known = new Map<RootEntry, RootEntry>();
  const entries = [...tree.entries].map(([path, entry]): [ByteString, RootEntry] => {
    const owned = known.get(entry) ?? { ...entry, uid: 0, gid: 0 };
    known.set(entry, owned);
    return [path, owned];
  });
  return { ...tree, entries: new Map(entries), close: () => tree.close() };
}

function commandOf(config: DrupeConfig, { command }: OpenedSource): readonly string[] | BuildError {
  const { cmd } = config;
  const words = typeof cmd === "string" ? cmd.split(/\s+/).filter((word) => word !== "") : (cmd ?? []);
  if (words.length > 0) return words;
  if (command !== undefined) return [command];
  return new BuildError(`${config.root} names no program`, "Say which: cmd: [/bin/program, argument].");
}

/** Finds a program by its path, or by its name in PATH. */
function findProgram(tree: RootTree, name: string): ByteString | BuildError {
  const places = name.includes("/")
    ? [`/${name.replace(/^\/+/, "")}`]
    : ["", ...PATH.split(":")].map((dir) => `${dir}/${name}`);
  for (const place of places)
    if (lookUp(tree.entries, utf8Encode(place))?.entry.type === "file") return utf8Encode(place);
  return new BuildError(
    `the root has no program ${name}`,
    "cmd begins with a path of the root, or with a name in /usr/bin or its like.",
  );
}

function environmentOf(env: DrupeConfig["env"] = []): readonly string[] {
  return Array.isArray(env) ? env : Object.entries(env).map(([name, value]) => `${name}=${value}`);
}

function profileOf({ profile }: DrupeConfig, program: readonly ByteString[]): ImagePlan["profile"] {
  if (profile === false) return [];
  return profile === undefined ? [program] : profile.map((args) => [program[0]!, ...args.map(utf8Encode)]);
}

function librariesOf({ libraries = "auto" }: DrupeConfig): LibraryChoice | BuildError {
  const detailed = typeof libraries === "object" && !Array.isArray(libraries) ? libraries : { from: libraries };
  const from = detailed.from ?? "auto";
  const also = (detailed.with ?? []).map((name) => ({ name, why: "asked for by name" }));
  if (from === "auto" || from === "recorded") return { kind: from, also };
  if (Array.isArray(from) || catalogue.has(from))
    return { kind: "named", wishes: [...[from].flat().map((name) => ({ name, why: "asked for by name" })), ...also] };
  const preset = presets[from];
  if (preset !== undefined) {
    return { kind: "named", wishes: [...preset.map(({ name }) => ({ name, why: `in the preset ${from}` })), ...also] };
  }
  const known = ["auto", "recorded", ...Object.keys(presets)];
  const close = nearest(from, [...known, ...catalogue.keys()]);
  return new BuildError(
    `there is no library or preset ${from}`,
    close === undefined ? `It takes ${known.join(", ")}, or a list of libraries.` : `Did you mean ${close}?`,
  );
}

function withoutOf({ libraries }: DrupeConfig): readonly string[] {
  return typeof libraries === "object" && !Array.isArray(libraries) ? (libraries.without ?? []) : [];
}

const UNITS: Readonly<Record<string, number>> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

function memoryOf(memory: DrupeConfig["memory"]): number | undefined | BuildError {
  if (memory === undefined) return undefined;
  const match = /^(\d+)([kmg]?)(?:i?b)?$/i.exec(String(memory));
  if (match === null)
    return new BuildError(`memory is ${memory}`, "It takes a number with k, m or g behind it, such as 512m.");
  return Number(match[1]) * UNITS[match[2]!.toLowerCase()]!;
}

function volumesOf({ volumes = [] }: DrupeConfig): readonly Volume[] | BuildError {
  const made: Volume[] = [];
  for (const given of volumes) {
    const volume = typeof given === "string" ? parseVolume(given) : volumeOf(given);
    const name = typeof given === "string" ? given : given.source;
    if (typeof volume === "string") return new BuildError(`${name} is no volume that can be had`, volume);
    if (made.some(({ destination }) => destination === volume.destination))
      return new BuildError(`there are two volumes at ${volume.destination}`, "Leave one of them out.");
    made.push(volume);
  }
  return made;
}

type DetailedVolume = Exclude<NonNullable<DrupeConfig["volumes"]>[number], string>;

/** A driver is one that shares a folder of the host (9pfs, virtiofs). */
function volumeOf({ source, destination, readOnly = false, driver }: DetailedVolume): Volume | string {
  return checkVolume({ source, destination, readOnly }, driver !== undefined);
}

function portsOf({ ports = [] }: DrupeConfig): readonly Port[] | BuildError {
  const made: Port[] = [];
  for (const text of ports) {
    const port = parsePort(String(text));
    if (typeof port === "string") return new BuildError(`${text} is no port that can be published`, port);
    made.push(port);
  }
  return made;
}
