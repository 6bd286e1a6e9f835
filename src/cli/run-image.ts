/** `drupe run IMAGE`: an image's data in this Drupe's own libraries. Nothing of the file is run but guest code. */
import { openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { DrupeError } from "../api/error.ts";
import { shellStatus } from "../api/index.ts";
import { publish } from "../api/publish.ts";
import { openVolumes } from "../api/volumes.ts";
import { utf8Encode } from "../base/bytes.ts";
import { isManifest } from "../entry/check-manifest.ts";
import { isImage, type OpenImage, openImage } from "../entry/container.ts";
import { aheadEngine, tieredEngine } from "../entry/engine.ts";
import type { ChosenLibrary } from "../entry/manifest.ts";
import { fileSource } from "../entry/node/main.ts";
import { replay } from "../entry/replay.ts";
import { soloRoot, wholeRoot } from "../entry/root.ts";
import { ImageMachine } from "../entry/start.ts";
import { tellMissing } from "../entry/tell-missing.ts";
import {
  createCodeCompiler,
  createConsole,
  createNodeHost,
  keepingCompiler,
  NodeNetwork,
  usualPlaces,
} from "../host/node/index.ts";
import type { KernelLimits } from "../kernel/kernel.ts";
import { type Library, resolveLibraries } from "../kernel/library.ts";
import { LoadError } from "../kernel/loader/load-error.ts";
import { trace } from "../lib/trace/index.ts";
import { full } from "../preset/full.ts";
import { tellChosen } from "./ports.ts";
import type { RunRequest } from "./run.ts";
import { volumeOption } from "./values.ts";

/** The image's file if that is what a name stands for: the file itself, or the folder of an image that Node runs. */
export function imageFile(name: string): string | undefined {
  const stat = statSync(name, { throwIfNoEntry: false });
  const file = stat?.isDirectory() ? join(name, "image.drupe") : name;
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  const head = new Uint8Array(12);
  const fd = openSync(file, "r");
  readSync(fd, head);
  return isImage(head) ? file : undefined;
}

/** Opens an image's file, or says why it cannot be. */
export function openImageFile(file: string): OpenImage {
  const image = openImage(fileSource(file), isManifest);
  if (typeof image === "string") throw new DrupeError(`${file}: ${image}`, "Build it again with drupe build.");
  return image;
}

export async function runImage(file: string, request: RunRequest, line: (text: string) => void): Promise<number> {
  for (const flag of SETTLED) {
    if (request[flag] === undefined) continue;
    throw new DrupeError(
      `--${flag} does not go with an image: that was settled when it was built`,
      "Build another one.",
    );
  }
  const image = openImageFile(file);
  const { manifest } = image;
  const libraries = librariesOf(manifest.libraries);
  if (request.publish.length > 0 && !libraries.some(({ name }) => name === "net-loopback")) {
    throw new DrupeError("the image has no network to publish ports of", "Build it with the library net-loopback.");
  }
  for (const [library, named] of [
    ["fs-host", false],
    ["fs-volume", true],
  ] as const) {
    if (!request.volume.some((volume) => (volume.named ?? false) === named)) continue;
    if (libraries.some(({ name }) => name === library)) continue;
    throw new DrupeError(
      `the image has no library ${library}, by which it would have the volume`,
      `Build it with ${library}.`,
    );
  }
  const parts = {
    libraries,
    root: libraries.some(({ name }) => name === "vfs") ? wholeRoot : soloRoot,
    engine: manifest.runtime === "none" ? aheadEngine : tieredEngine,
    // A recorded start knows nothing of volumes.
    ...(request.volume.length === 0 ? { replay } : {}),
  };
  const warn = (sentence: string): void => void process.stderr.write(`drupe: ${sentence}\n`);
  const machine = new ImageMachine(image, parts, keepingCompiler(createCodeCompiler(), usualPlaces()), warn);
  for (const { source, destination } of manifest.volumes.filter(({ named }) => named)) {
    if (!request.volume.some((volume) => volume.destination === destination))
      warn(`the image has a volume at ${destination}; nothing is kept there without -v ${source}:${destination}`);
  }
  const volumes = openVolumes(request.volume.map(volumeOption));
  const console = createConsole();
  const network = new NodeNetwork();
  const host = createNodeHost({ console, network, ...volumes.granted });
  try {
    const ports = await publish(network, request.publish);
    tellChosen(request.publish, ports);
    const running = await machine.start({
      host,
      ...(request.args.length === 0 ? {} : { args: request.args.map(utf8Encode) }),
      env: request.env.map(utf8Encode),
      limits: limitsWithin(request, manifest.memory),
      without: new Set(manifest.libraries.flatMap(({ without = [] }) => without)),
      ...(request.strace ? { extra: [trace(line), tellMissing(line, providers())] } : {}),
    });
    if (running instanceof LoadError) throw new DrupeError(running.message, running.cure);
    return shellStatus(await running.exited);
  } finally {
    network.close();
    console.close();
    host.close();
    refuseLoss(volumes.close());
  }
}

/** What a program wrote last and nobody has is no success. */
function refuseLoss(lost: string | undefined): void {
  if (lost !== undefined) throw new DrupeError(lost);
}

/** What an image has of its own. */
const SETTLED = ["entrypoint", "workdir", "user", "hostname", "policy"] as const;

/** What the caller allows, and no more memory than the image asks for. */
function limitsWithin(request: RunRequest, memory = request.memory): Partial<KernelLimits> {
  const { cpuTime, pidsLimit, files } = request;
  return {
    memoryBytes: Math.min(memory, request.memory),
    ...(cpuTime === undefined ? {} : { cpuNs: cpuTime * 1e9 }),
    ...(pidsLimit === undefined ? {} : { processes: pidsLimit }),
    ...(files === undefined ? {} : { fds: files }),
  };
}

/** The libraries that an image names. */
function librariesOf(chosen: readonly ChosenLibrary[]): readonly Library[] {
  const known = new Map(resolveLibraries(full).map((library) => [library.name, library]));
  return chosen.map(({ name }) => {
    const library = known.get(name);
    if (library === undefined) throw new DrupeError(`the image needs the library ${name}, which this Drupe lacks`);
    return library;
  });
}

function providers(): Readonly<Record<string, string>> {
  return Object.fromEntries(full.flatMap(({ name, syscalls }) => syscalls.map((call) => [call.name, name])));
}
