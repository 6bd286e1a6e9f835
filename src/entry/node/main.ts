/** What a generated entry calls in Node: the image as a program, and as something that other programs boot. */
import { closeSync, fstatSync, openSync, readSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync, inflateRawSync } from "node:zlib";
import { utf8Encode } from "../../base/bytes.ts";
import { createCodeCompiler } from "../../host/node/code-compiler.ts";
import { createConsole } from "../../host/node/console.ts";
import { createNodeHost, type PublishedPort } from "../../host/node/index.ts";
import type { HostConsole } from "../../kernel/host.ts";
import { LoadError } from "../../kernel/loader/load-error.ts";
import type { ExitStatus } from "../../kernel/process.ts";
import { type ImageSource, openImage } from "../container.ts";
import type { Port } from "../ports.ts";
import { ImageMachine, type ImageParts } from "../start.ts";
import type { openNetwork, readPorts } from "./publish.ts";
import { quietConsole } from "./quiet-console.ts";
import type { openVolumes } from "./volumes.ts";

/** How a program is started from JavaScript. */
export interface ImageBootOptions {
  /** Arguments behind the program's name, instead of those of the image. */
  readonly args?: readonly string[];
  /** Variables over the image's. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the program reads; default: nothing. */
  readonly stdin?: string | Uint8Array;
  /** Receive what it writes; default: it is dropped. */
  readonly stdout?: (bytes: Uint8Array) => void;
  readonly stderr?: (bytes: Uint8Array) => void;
  /** Ports of this machine that lead to the guest's, instead of those of the image. */
  readonly ports?: readonly Port[];
  /** `SOURCE:GUEST[:ro]`: folders and volumes that the program is to have, instead of those of the image. */
  readonly volumes?: readonly string[];
  /** Told of the ports that are published, with their numbers, before the program starts. */
  readonly listening?: (ports: readonly PublishedPort[]) => void;
}

/** How the ports of an image are published, if it has a network. */
export interface Publishing {
  readonly openNetwork: typeof openNetwork;
  readonly readPorts: typeof readPorts;
}

/** What leads out of an image that has it. */
export interface Outside {
  readonly publishing?: Publishing;
  readonly openVolumes?: typeof openVolumes;
}

/** An image in Node. */
export interface NodeImage {
  /** Boots a machine, runs the image's program in it, and answers how it ended. */
  boot(options?: ImageBootOptions): Promise<ExitStatus>;
}

/** Exit status when the image itself fails, as Docker's. */
const FAILED = 125;

/**
 * Makes an image usable, and runs it if it is what Node was started with.
 *
 * @param payload - the image's file beside the entry, or its bytes in base64.
 */
export function main(
  url: string,
  parts: ImageParts,
  payload: { file: string } | { base64: string },
  { publishing, openVolumes }: Outside = {},
): NodeImage {
  let machine: ImageMachine | undefined;
  const open = (): ImageMachine => {
    machine ??= openMachine(url, parts, payload);
    return machine;
  };
  const run = async (
    console: HostConsole,
    { args, env, ports, volumes: chosen, listening = () => {} }: ImageBootOptions,
    strace: boolean,
  ): Promise<ExitStatus | LoadError> => {
    const { manifest } = open().image;
    const wanted = ports ?? manifest.ports ?? [];
    if (wanted.length > 0 && publishing === undefined) throw new Error("the image has no network to publish ports of");
    const network = wanted.length === 0 ? undefined : await publishing?.openNetwork(wanted, listening);
    if (chosen !== undefined && openVolumes === undefined) throw new Error("the image can have no volumes");
    const volumes = openVolumes?.(chosen ?? manifest.volumes);
    const host = createNodeHost({ console, ...volumes?.granted, ...(network === undefined ? {} : { network }) });
    const line = (text: string): void => void process.stderr.write(`${text}\n`);
    try {
      const running = await open().start({
        host,
        ...(args === undefined ? {} : { args: args.map(utf8Encode) }),
        env: Object.entries(env ?? {}).map(([name, value]) => utf8Encode(`${name}=${value}`)),
        ...(strace && parts.trace !== undefined ? { extra: parts.trace(line) } : {}),
      });
      if (running instanceof LoadError) return running;
      const status = await running.exited;
      if (process.env.DRUPE_STATS === "1") line(JSON.stringify(running.kernel.engine.stats()));
      return status;
    } finally {
      network?.close();
      console.close?.();
      host.close();
      refuseLoss(volumes?.close());
    }
  };
  if (isMain(url)) {
    const start = async () => run(createConsole(), optionsOfRun(publishing), process.env.DRUPE_STRACE === "1");
    start().then(
      (status) => {
        process.exitCode = status instanceof LoadError ? refuse(`${status}`) : shellStatus(status);
      },
      (error: unknown) => {
        process.exitCode = refuse(error instanceof Error ? error.message : String(error));
      },
    );
  }
  return {
    async boot(options = {}) {
      const status = await run(quietConsole(options), options, false);
      if (status instanceof LoadError) throw new Error(`${status}`);
      return status;
    },
  };
}

/** What a program wrote last and nobody has is no success. */
function refuseLoss(lost: string | undefined): void {
  if (lost !== undefined) throw new Error(lost);
}

/** What a script is asked for by its arguments and variables. */
function optionsOfRun(publishing: Publishing | undefined): ImageBootOptions {
  const args = process.argv.slice(2);
  const { DRUPE_PUBLISH } = process.env;
  return {
    ...(args.length === 0 ? {} : { args }),
    ...(DRUPE_PUBLISH === undefined || publishing === undefined ? {} : { ports: publishing.readPorts(DRUPE_PUBLISH) }),
    listening: tellPorts,
  };
}

function tellPorts(ports: readonly PublishedPort[]): void {
  for (const { address, host, guest } of ports) {
    process.stderr.write(`drupe: ${address}:${host} leads to port ${guest}\n`);
  }
}

function refuse(message: string): number {
  process.stderr.write(`drupe: ${message}\n`);
  return FAILED;
}

function shellStatus(status: ExitStatus): number {
  return status.kind === "exited" ? status.code : 128 + status.signal;
}

function isMain(url: string): boolean {
  try {
    return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url);
  } catch {
    return false;
  }
}

function openMachine(url: string, parts: ImageParts, payload: { file: string } | { base64: string }): ImageMachine {
  const source =
    "file" in payload
      ? fileSource(fileURLToPath(new URL(payload.file, url)))
      : bytesSource(new Uint8Array(Buffer.from(payload.base64, "base64")));
  const image = openImage(source);
  if (typeof image === "string") throw new Error(`the image cannot be opened: ${image}`);
  const compiler = createCodeCompiler();
  return new ImageMachine(image, parts, parts.keep?.(compiler) ?? compiler, (sentence) => {
    process.stderr.write(`drupe: ${sentence}\n`);
  });
}

const unpack: ImageSource["unpack"] = (bytes, _size, packing) =>
  new Uint8Array(packing === "brotli" ? brotliDecompressSync(bytes) : inflateRawSync(bytes));

/** A file that is in memory. */
export function bytesSource(bytes: Uint8Array<ArrayBuffer>): ImageSource {
  return { size: bytes.length, read: (offset, length) => bytes.slice(offset, offset + length), unpack };
}

/** A file that is read piece by piece. */
export function fileSource(path: string): ImageSource & { close(): void } {
  const fd = openSync(path, "r");
  const { size } = fstatSync(fd);
  return {
    size,
    read(offset, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
      for (let done = 0; done < bytes.length; ) {
        const count = readSync(fd, bytes, done, bytes.length - done, offset + done);
        if (count === 0) return bytes.slice(0, done);
        done += count;
      }
      return bytes;
    },
    unpack,
    close: () => closeSync(fd),
  };
}
