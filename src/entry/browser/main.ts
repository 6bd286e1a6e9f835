/** What a generated entry calls in a browser's worker: it waits for the page, then runs the image's program. */
import { utf8Encode } from "../../base/bytes.ts";
import { createBrowserHost, createCodeCompiler } from "../../host/browser/index.ts";
import { LoadError } from "../../kernel/loader/load-error.ts";
import type { ExitStatus } from "../../kernel/process.ts";
import { type ImageSource, openImage } from "../container.ts";
import { ImageMachine, type ImageParts } from "../start.ts";
import { MessageConsole } from "./console.ts";
import { inflate } from "./inflate.ts";
import type { PageNetwork } from "./network.ts";
import type { PageMessage, StartMessage, WorkerMessage } from "./protocol.ts";
import type { openVolumes } from "./volumes.ts";

const post = (message: WorkerMessage): void => self.postMessage(message);

/** What leads out of an image that has it. */
export interface Outside {
  /** Where the page's connections come in. */
  readonly network?: PageNetwork;
  readonly openVolumes?: typeof openVolumes;
}

/** Serves the page: the first message starts the machine, later ones are about its streams and connections. */
export function main(parts: ImageParts, outside: Outside = {}): void {
  let streams: MessageConsole | undefined;
  self.onmessage = ({ data }: MessageEvent<PageMessage>) => {
    if (data.kind === "connect") {
      const accepted = outside.network?.connect(data.port, data.channel) ?? false;
      post({ kind: "connected", id: data.id, accepted });
      return;
    }
    if (data.kind !== "start") {
      streams?.receive(data);
      return;
    }
    streams = new MessageConsole(post, data.terminal);
    run(parts, data, streams, outside).then(
      (status) => post({ kind: "exited", status }),
      (error: unknown) => post({ kind: "failed", message: error instanceof Error ? error.message : String(error) }),
    );
  };
}

async function run(
  parts: ImageParts,
  request: StartMessage,
  console: MessageConsole,
  { network, openVolumes }: Outside,
): Promise<ExitStatus> {
  const image = openImage(bytesSource(new Uint8Array(request.image)));
  if (typeof image === "string") throw new Error(`the image cannot be opened: ${image}`);
  const line = (text: string): void => post({ kind: "line", text });
  const machine = new ImageMachine(image, parts, createCodeCompiler(), line);
  const { args, env, strace, volumes: chosen } = request;
  if (chosen !== undefined && openVolumes === undefined) throw new Error("the image can have no volumes");
  const volumes = await openVolumes?.(chosen ?? image.manifest.volumes);
  try {
    const running = await machine.start({
      host: await createBrowserHost({
        console,
        ...(network === undefined ? {} : { network }),
        ...(volumes === undefined ? {} : { volumes: volumes.granted }),
      }),
      ...(args === undefined ? {} : { args: args.map(utf8Encode) }),
      env: Object.entries(env).map(([name, value]) => utf8Encode(`${name}=${value}`)),
      ...(strace && parts.trace !== undefined ? { extra: parts.trace(line) } : {}),
    });
    if (running instanceof LoadError) throw new Error(`${running}`);
    return await running.exited;
  } finally {
    // What the guest wrote is kept before the page is told that it has ended.
    refuseLoss(volumes?.close());
  }
}

/** What a program wrote last and nobody has is no success. */
function refuseLoss(lost: string | undefined): void {
  if (lost !== undefined) throw new Error(lost);
}

function bytesSource(bytes: Uint8Array<ArrayBuffer>): ImageSource {
  return { size: bytes.length, read: (offset, length) => bytes.slice(offset, offset + length), unpack: inflate };
}
