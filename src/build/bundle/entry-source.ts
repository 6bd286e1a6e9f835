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
  /** Whether the script is to be packed: then it is the body of a function, see {@link PACKED_PARAMETERS}. */
  readonly packed?: boolean;
}

/** What a packed script is given: how parts of Node are loaded, its own place, and who takes what it exports. */
export const PACKED_PARAMETERS = ["load", "url", "take"] as const;

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
  const networked = libraries.some(({ name }) => name === "net-loopback");
  const root = files ? "wholeRoot" : "soloRoot";
  const more = `${trace ? ", trace: tracing" : ""}${replay ? ", replay" : ""}`;
  const lines = [
    `import { main } from "./entry/${host}/main.js";`,
    `import { ${engine} } from "./entry/engine.js";`,
    `import { ${root} } from "./entry/root.js";`,
    ...chosen.map(({ module, exported }) => `import { ${exported} } from "./${module}";`),
    ...(networked ? [NETWORKS[host]] : []),
    ...(trace ? TRACING : []),
    ...(replay ? ['import { replay } from "./entry/replay.js";'] : []),
    "",
    `const libraries = [${chosen.map(({ exported }) => exported).join(", ")}];`,
    ...(trace
      ? [
          `const providers = ${JSON.stringify(providersOf(libraries))};`,
          "const tracing = (line) => [trace(line), tellMissing(line, providers)];",
        ]
      : []),
    `const parts = { libraries, engine: ${engine}, root: ${root}${more} };`,
    host === "browser" ? `main(parts${networked ? ", new PageNetwork()" : ""});` : nodeEnding(request, networked),
  ];
  return `${lines.join("\n")}\n`;
}

function nodeEnding({ payload, packed = false }: EntryRequest, networked: boolean): string {
  const publishing = networked ? ", { openNetwork, readPorts }" : "";
  const made = `main(import.meta.url, parts, ${JSON.stringify(payload)}${publishing})`;
  return packed ? `take(${made});` : `export const { boot } = ${made};`;
}

/** Where connections come in to an image that has a network, by its host. */
const NETWORKS = {
  node: 'import { openNetwork, readPorts } from "./entry/node/publish.js";',
  browser: 'import { PageNetwork } from "./entry/browser/network.js";',
} as const;
