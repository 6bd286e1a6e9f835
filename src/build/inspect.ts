/** What an image is made of. */
import { utf8Decode } from "../base/bytes.ts";
import type { Manifest } from "../entry/manifest.ts";
import { type GraphNode, graphSvg } from "./graph-svg.ts";
import { catalogue } from "./libraries/catalogue.ts";

export interface InspectedLibrary {
  readonly name: string;
  readonly why: string;
  /** Bytes of its modules in the image's script; undefined if the image has none. */
  readonly bytes?: number;
  readonly syscalls: readonly string[];
  readonly needs: readonly string[];
}

export interface Inspection {
  readonly name: string;
  readonly drupe: string;
  readonly command: readonly string[];
  readonly runtime: Manifest["runtime"];
  readonly labels: Manifest["labels"];
  readonly volumes: Manifest["volumes"];
  readonly libraries: readonly InspectedLibrary[];
  /** System calls open to the program: all others answer ENOSYS. */
  readonly syscalls: readonly string[];
  /** Bytes by part: of modules in the script, of the script as it is stored, of all else as it is stored. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly code: readonly {
    readonly object: string;
    readonly functions: number;
    readonly startup: number;
    readonly bytes: number;
  }[];
  readonly files: readonly {
    readonly path: string;
    readonly size: number;
    readonly sha256?: string;
    readonly source: string;
  }[];
}

/** What the folder of an image says of its script. */
export interface InspectedScript {
  /** Bytes by module. */
  readonly modules: Readonly<Record<string, number>>;
  /** Bytes of the whole, as it is stored. */
  readonly script: number;
}

/** @param script - absent for an image that is only a file. */
export function inspect(manifest: Manifest, script?: InspectedScript): Inspection {
  const modules = script?.modules;
  const libraries = manifest.libraries.map(({ name, why, without = [] }): InspectedLibrary => {
    const library = catalogue.get(name);
    const bytes = modules === undefined ? undefined : sumOf(modules, (module) => module.startsWith(`lib/${name}/`));
    return {
      name,
      why,
      ...(bytes === undefined ? {} : { bytes }),
      syscalls: (library?.syscalls ?? []).map((call) => call.name).filter((call) => !without.includes(call)),
      needs: (library?.needs ?? []).map((needed) => needed.name),
    };
  });
  return {
    name: manifest.name,
    drupe: manifest.drupe,
    command: manifest.program.argv.map(utf8Decode),
    runtime: manifest.runtime,
    labels: manifest.labels,
    volumes: manifest.volumes,
    libraries,
    syscalls: libraries.flatMap(({ syscalls }) => syscalls).sort(),
    sizes: { ...(script === undefined ? {} : scriptSizes(script)), ...payloadSizes(manifest) },
    code: manifest.ahead.map(({ name, modules: parts }) => ({
      object: name,
      functions: parts.reduce((sum, { starts }) => sum + starts.length, 0),
      startup: parts.reduce((sum, { starts, startup }) => sum + (startup ? starts.length : 0), 0),
      bytes: storedOf(
        manifest,
        parts.map(({ blob }) => blob),
      ),
    })),
    files: filesOf(manifest),
  };
}

/** The libraries of an image as a picture. */
export function inspectSvg({ name, libraries }: Inspection): string {
  const nodes = libraries.map((library): GraphNode => {
    const calls = library.syscalls.length;
    const size = library.bytes === undefined ? [] : [`${(library.bytes / 1000).toFixed(1)} KB`];
    return {
      name: library.name,
      needs: library.needs,
      note: [...size, calls === 1 ? "1 call" : `${calls} calls`].join(", "),
    };
  });
  return graphSvg(`The libraries of ${name}`, nodes);
}

const PARTS: readonly (readonly [string, RegExp])[] = [
  ["kernel", /^(kernel|abi|base|machine)\//],
  ["libraries", /^lib\//],
  ["engine", /^(engine|isa|translate)\//],
  ["host and start", /./],
];

function scriptSizes({ modules, script }: InspectedScript): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const [module, bytes] of Object.entries(modules)) {
    const [part] = PARTS.find(([, pattern]) => pattern.test(module))!;
    sizes[part] = (sizes[part] ?? 0) + bytes;
  }
  sizes["script, stored"] = script;
  return sizes;
}

function payloadSizes(manifest: Manifest): Record<string, number> {
  const files = manifest.root.inodes.flatMap(({ blob }) => (blob === undefined ? [] : [blob]));
  const code = manifest.ahead.flatMap(({ modules }) => modules.map(({ blob }) => blob));
  const starts = Object.values(manifest.starts ?? {}).flatMap(({ head, memory }) => [head, ...memory]);
  return {
    files: storedOf(manifest, files),
    "translated code": storedOf(manifest, code),
    interpreter: storedOf(manifest, Object.values(manifest.modules)),
    ...(starts.length === 0 ? {} : { "recorded starts": storedOf(manifest, starts) }),
  };
}

function storedOf({ blobs }: Manifest, indices: readonly number[]): number {
  return [...new Set(indices)].reduce((sum, index) => sum + blobs[index]!.stored, 0);
}

function filesOf({ root, blobs, sources }: Manifest): Inspection["files"] {
  return root.names.flatMap(({ path, inode }) => {
    const { blob, digest, source } = root.inodes[inode]!;
    if (blob === undefined) return [];
    const known = digest === undefined ? {} : { sha256: digest };
    return [{ path: `/${utf8Decode(path)}`, size: blobs[blob]!.size, ...known, source: sources[source]! }];
  });
}

function sumOf(sizes: Readonly<Record<string, number>>, wanted: (name: string) => boolean): number {
  return Object.entries(sizes).reduce((sum, [name, size]) => sum + (wanted(name) ? size : 0), 0);
}
