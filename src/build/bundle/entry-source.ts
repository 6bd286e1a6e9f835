import type { ChosenLibrary, Runtime } from "../../entry/manifest.ts";
import type { Providers } from "../../entry/tell-missing.ts";
import { catalogue, manifestOf } from "../libraries/catalogue.ts";
import type { Programs } from "../root/known-programs.ts";

export interface EntryRequest {
  readonly libraries: readonly ChosenLibrary[];
  readonly runtime: Runtime;
  /** Whether the image has a file system, or only its program. */
  readonly files: boolean;
  readonly trace: boolean;
  /** The programs that are ever loaded, by path, if the image cannot execute others. */
  readonly programs: Programs | undefined;
  /** Whether it has the record of a start. */
  readonly replay: boolean;
  /** Whether any code that the image brings computes with floating point. */
  readonly float: boolean;
  /** The host that the image is for: a folder of `entry/` with a module `main`. */
  readonly host: "node" | "browser";
  /** Where the image's file is: beside the entry, or within it. A browser's worker is given it by its page. */
  readonly payload?: { readonly file: string } | { readonly base64: string };
  /** Whether another module is to run the script: then it is the body of a function, see {@link BODY_PARAMETERS}. */
  readonly body?: boolean;
}

/** What the body of a function is given: how parts of Node are loaded, its own place, and who takes what it exports. */
export const BODY_PARAMETERS = ["load", "url", "take"] as const;

const TRACING = [
  'import { trace } from "./lib/trace/index.js";',
  'import { tellMissing } from "./entry/tell-missing.js";',
];

/** By the name of each call that the image lacks: the library that provides it. */
function providersOf(libraries: readonly ChosenLibrary[]): Providers {
  const chosen = new Map(libraries.map((library) => [library.name, library]));
  const lacking = (name: string, call: string): boolean =>
    chosen.get(name)?.without?.includes(call) ?? !chosen.has(name);
  const rows = [...catalogue.values()].flatMap(({ name, syscalls }) =>
    syscalls.filter((call) => lacking(name, call.name)).map((call) => [call.name, name]),
  );
  return Object.fromEntries(rows);
}

/** Writes the module that an image starts from. It imports what was chosen, and nothing else: what it does not name is not in the bundle. */
export function entrySource(request: EntryRequest): string {
  const { libraries, runtime, files, trace, replay, host } = request;
  const chosen = libraries.map(({ name }) => manifestOf(name));
  const engine = runtime === "none" ? "aheadEngine" : "tieredEngine";
  const ways = waysOutside(request);
  const root = files ? "wholeRoot" : "soloRoot";
  // Only a host that has files keeps compiled code, and without an interpreter there is none to keep.
  const keeps = host === "node" && runtime !== "none";
  const more = `${keeps ? ", keep" : ""}${trace ? ", trace: tracing" : ""}${replay ? ", replay" : ""}`;
  const lines = [
    `import { main } from "./entry/${host}/main.js";`,
    `import { ${engine} } from "./entry/engine.js";`,
    `import { ${root} } from "./entry/root.js";`,
    ...chosen.map(({ module, exported }) => `import { ${exported} } from "./${module}";`),
    ...ways.map(({ from }) => from),
    ...(trace ? TRACING : []),
    ...(keeps ? ['import { keepingCompiler, usualPlaces } from "./host/node/kept-code.js";'] : []),
    ...(replay ? ['import { replay } from "./entry/replay.js";'] : []),
    "",
    ...(keeps ? ["const keep = (compiler) => keepingCompiler(compiler, usualPlaces());"] : []),
    `const libraries = [${chosen.map(({ exported }) => exported).join(", ")}];`,
    ...(trace
      ? [
          `const providers = ${JSON.stringify(providersOf(libraries))};`,
          "const tracing = (line) => [trace(line), tellMissing(line, providers)];",
        ]
      : []),
    `const parts = { libraries, engine: ${engine}, root: ${root}${more} };`,
    ending(request, ways),
  ];
  return `${lines.join("\n")}\n`;
}

/** Something that leads out of an image. */
interface Way {
  readonly libraries: readonly string[];
  /** How its part is imported. */
  readonly from: string;
  /** How the entry is told of it. */
  readonly member: string;
}

const WAYS: Readonly<Record<EntryRequest["host"], readonly Way[]>> = {
  node: [
    {
      libraries: ["net-loopback"],
      from: 'import { openNetwork, readPorts } from "./entry/node/publish.js";',
      member: "publishing: { openNetwork, readPorts }",
    },
    {
      libraries: ["fs-host", "fs-volume"],
      from: 'import { openVolumes } from "./entry/node/volumes.js";',
      member: "openVolumes",
    },
  ],
  browser: [
    {
      libraries: ["net-loopback"],
      from: 'import { PageNetwork } from "./entry/browser/network.js";',
      member: "network: new PageNetwork()",
    },
    {
      libraries: ["fs-volume"],
      from: 'import { openVolumes } from "./entry/browser/volumes.js";',
      member: "openVolumes",
    },
  ],
};

function waysOutside({ libraries, host }: EntryRequest): readonly Way[] {
  return WAYS[host].filter((way) => libraries.some(({ name }) => way.libraries.includes(name)));
}

function ending({ host, payload, body = false }: EntryRequest, ways: readonly Way[]): string {
  const outside = ways.length === 0 ? "" : `, { ${ways.map(({ member }) => member).join(", ")} }`;
  if (host === "browser") return `main(parts${outside});`;
  const made = `main(import.meta.url, parts, ${JSON.stringify(payload)}${outside})`;
  return body ? `take(${made});` : `export const { boot } = ${made};`;
}
