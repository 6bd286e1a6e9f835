/** The forms in which an image is given out. */

import { BuildError } from "../build-error.ts";
import { bundle } from "../bundle/bundle.ts";
import { bundlePage } from "../bundle/page.ts";
import type { MadeImage } from "../make-image.ts";
import type { Packing } from "../root/blobs.ts";
import { bodyScript, compilingModule } from "./compiled-script.ts";
import { ociLayout, openBase } from "./oci.ts";
import { packScript, unpackingModule } from "./packed-script.ts";
import { type Files, publishFile, publishFolder } from "./publish.ts";

/** Bytes of each part of what was written. */
export type Sizes = Readonly<Record<string, number>>;

export interface Written {
  readonly place: string;
  readonly sizes: Sizes;
}

export type Format = "js" | "web" | "drupe" | "oci";

export interface WriteRequest {
  readonly format: Format;
  readonly place: string;
  /** How hard bytes are packed: at its best, scripts for Node are packed too. */
  readonly packing: Packing;
  /** Whether the image can print system calls. */
  readonly trace: boolean;
  /** For `oci`: an image layout with Node that the image is laid over. */
  readonly base?: string;
}

/** Writes an image to a place. */
export async function write(image: MadeImage, request: WriteRequest): Promise<Written | BuildError> {
  const { format, place, trace, packing, base: baseFolder } = request;
  if (format === "drupe") return publishFile(place, image.bytes) ?? { place, sizes: { image: image.bytes.length } };
  if (format === "web") {
    const { files, sizes } = await webFiles(image, trace);
    return publishFolder(place, files) ?? { place, sizes };
  }
  const single = format === "js" && /\.m?js$/.test(place);
  const { files, sizes } = await scriptFiles(image, { trace, single, packed: packing === "best" });
  if (format === "oci") {
    const base = baseFolder === undefined ? undefined : openBase(baseFolder);
    if (base instanceof BuildError) return base;
    const { name, labels } = image.manifest;
    return publishFolder(place, await ociLayout(name, files, labels, base)) ?? { place, sizes };
  }
  const wrong = single ? publishFile(place, files.get(SCRIPT)!) : publishFolder(place, files);
  return wrong ?? { place, sizes };
}

const SCRIPT = "image.mjs";
const KERNEL = "kernel.js";
const PACKED_KERNEL = "kernel.js.br";
const PAYLOAD = "image.drupe";
/** Tells of a folder that an image was built there. */
const MARK = "image.json";

/** The files of an image that Node runs: a script, and the image beside it or within it. */
async function scriptFiles(
  image: MadeImage,
  { trace, single, packed }: { readonly trace: boolean; readonly single: boolean; readonly packed: boolean },
): Promise<{ readonly files: Files; readonly sizes: Sizes }> {
  const { manifest, bytes } = image;
  // The kernel of an image with files is large enough for its compiled code to be kept.
  const apart = !single && !packed && image.files;
  const { code, modules } = await bundle({
    libraries: manifest.libraries,
    runtime: manifest.runtime,
    files: image.files,
    trace,
    replay: manifest.starts !== undefined,
    float: image.ahead.float,
    programs: image.programs,
    host: "node",
    payload: single ? { base64: base64(bytes) } : { file: PAYLOAD },
    body: packed || apart,
  });
  const { script, beside } = apart ? kernelApart(code) : packed ? kernelPacked(code, single) : { script: code };
  const parts = { name: manifest.name, drupe: manifest.drupe, modules: Object.fromEntries(modules) };
  const stored = script.length + (beside?.[1].length ?? 0);
  const files = new Map<string, string | Uint8Array>([
    [SCRIPT, script],
    ...(beside === undefined ? [] : [beside]),
    [PAYLOAD, bytes],
    [MARK, `${JSON.stringify({ ...parts, script: stored }, undefined, 1)}\n`],
  ]);
  const within = single ? base64(bytes).length : 0;
  return { files, sizes: { kernel: stored - within, image: bytes.length } };
}

/** A script, and the file beside it that it runs, by name. */
interface Scripts {
  readonly script: string;
  readonly beside?: readonly [string, string | Uint8Array];
}

function kernelApart(code: string): Scripts {
  const kernel = bodyScript(code);
  return { script: compilingModule(KERNEL, kernel), beside: [KERNEL, kernel] };
}

function kernelPacked(code: string, single: boolean): Scripts {
  const kernel = packScript(code);
  if (single) return { script: unpackingModule({ base64: base64(kernel) }) };
  return { script: unpackingModule({ file: PACKED_KERNEL }), beside: [PACKED_KERNEL, kernel] };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

const WORKER = "worker.js";

/** The files of a page that runs an image: static, for any server. */
async function webFiles(image: MadeImage, trace: boolean): Promise<{ readonly files: Files; readonly sizes: Sizes }> {
  const { manifest, bytes } = image;
  const { libraries, runtime, name } = manifest;
  const { code, modules } = await bundle({
    libraries,
    runtime,
    files: image.files,
    trace,
    replay: manifest.starts !== undefined,
    float: image.ahead.float,
    programs: image.programs,
    host: "browser",
  });
  const page = await bundlePage(name);
  const parts = { name, drupe: manifest.drupe, modules: Object.fromEntries(modules) };
  const files = new Map<string, string | Uint8Array>([
    [WORKER, code],
    ...page,
    [PAYLOAD, bytes],
    [MARK, `${JSON.stringify({ ...parts, script: code.length }, undefined, 1)}\n`],
  ]);
  const shown = [...page.values()].reduce((sum, text) => sum + text.length, 0);
  return { files, sizes: { kernel: code.length, page: shown, image: bytes.length } };
}
