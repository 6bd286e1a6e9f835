/** Images as container engines and registries keep them (OCI image specification: image layout, manifest, configuration). */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Pack, pack } from "tar-stream";
import { BuildError } from "../build-error.ts";
import type { Files } from "./publish.ts";

/** A reference to a blob. */
interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface OciManifest {
  readonly mediaType?: string;
  readonly layers: readonly Descriptor[];
  readonly config: Descriptor;
}

interface OciConfig {
  readonly architecture: string;
  readonly os: string;
  readonly config?: { readonly Env?: readonly string[]; readonly Labels?: Readonly<Record<string, string>> };
  readonly rootfs: { readonly type: "layers"; readonly diff_ids: readonly string[] };
  readonly history?: readonly unknown[];
}

/** An image with Node, that another one is laid over. */
export interface OciBase {
  readonly manifest: OciManifest;
  readonly config: OciConfig;
  readonly blob: (digest: string) => Uint8Array;
}

const MEDIA = "application/vnd.oci.image";
/** Every time in a layout, so that the same input gives the same bytes. */
const EPOCH = new Date(0);
/** Where the image's files lie in the container. */
const PLACE = "drupe";

/** Opens an image layout; of several images in it, the first one for this machine is taken. */
export function openBase(folder: string): OciBase | BuildError {
  const blob = (digest: string): Uint8Array => readFileSync(join(folder, "blobs", ...digest.split(":")));
  const json = <T>(digest: string): T => JSON.parse(Buffer.from(blob(digest)).toString("utf8")) as T;
  try {
    const find = (index: { readonly manifests: readonly Descriptor[] }): Descriptor => {
      const own = index.manifests.find(({ platform }) => platform?.architecture === architecture());
      const found = own ?? index.manifests[0]!;
      return found.mediaType.includes("index") ? find(json(found.digest)) : found;
    };
    const manifest = json<OciManifest>(
      find(JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as { manifests: Descriptor[] }).digest,
    );
    return { manifest, config: json<OciConfig>(manifest.config.digest), blob };
  } catch (thrown) {
    return new BuildError(
      `${folder} is no OCI image layout: ${(thrown as Error).message}`,
      "Make one of an image that has Node: skopeo copy docker://node:22-slim oci:node.",
    );
  }
}

/** Lays out an image of these files, over a base if there is one. */
export async function ociLayout(
  name: string,
  files: Files,
  labels: Readonly<Record<string, string>>,
  base: OciBase | undefined,
): Promise<Files> {
  const out = new Map<string, string | Uint8Array>();
  const add = (mediaType: string, content: Uint8Array): Descriptor => {
    const hex = createHash("sha256").update(content).digest("hex");
    out.set(`blobs/sha256/${hex}`, content);
    return { mediaType, digest: `sha256:${hex}`, size: content.length };
  };
  const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
  const tar = await archive(files);
  const layer = add(`${MEDIA}.layer.v1.tar+gzip`, gzipSync(tar, { level: 9 }));
  for (const { mediaType, digest } of base?.manifest.layers ?? []) add(mediaType, base!.blob(digest));
  const from: Partial<OciConfig> = base?.config ?? {};
  const config = add(
    `${MEDIA}.config.v1+json`,
    json({
      created: EPOCH.toISOString(),
      architecture: from.architecture ?? architecture(),
      os: from.os ?? "linux",
      config: {
        ...from.config,
        Entrypoint: ["node", `/${PLACE}/image.mjs`],
        Cmd: [],
        WorkingDir: `/${PLACE}`,
        Labels: { ...from.config?.Labels, "org.opencontainers.image.title": name, ...labels },
      },
      rootfs: { type: "layers", diff_ids: [...(from.rootfs?.diff_ids ?? []), digestOf(tar)] },
      history: [...(from.history ?? []), { created: EPOCH.toISOString(), created_by: "drupe build" }],
    }),
  );
  const manifest = add(
    `${MEDIA}.manifest.v1+json`,
    json({
      schemaVersion: 2,
      mediaType: `${MEDIA}.manifest.v1+json`,
      config,
      layers: [...(base?.manifest.layers ?? []), layer],
    }),
  );
  const reference = { ...manifest, annotations: { "org.opencontainers.image.ref.name": name } };
  out.set(
    "index.json",
    JSON.stringify({ schemaVersion: 2, mediaType: `${MEDIA}.index.v1+json`, manifests: [reference] }),
  );
  out.set("oci-layout", JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  return out;
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** This machine as Go and OCI call it. */
function architecture(): string {
  return { x64: "amd64", ia32: "386" }[process.arch as string] ?? process.arch;
}

async function archive(files: Files): Promise<Uint8Array> {
  const tar: Pack = pack();
  tar.entry({ name: `${PLACE}/`, type: "directory", mode: 0o755, mtime: EPOCH });
  for (const [path, content] of files)
    tar.entry({ name: `${PLACE}/${path}`, mode: 0o644, mtime: EPOCH }, Buffer.from(content));
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
