/** Links an image's entry with the modules that it names, and nothing else. */
import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { build, type Metafile, type Plugin } from "esbuild";
import type { ChosenLibrary } from "../../entry/manifest.ts";
import { distFolder } from "../dist-folder.ts";
import { identifierOf, manifestOf } from "../libraries/catalogue.ts";
import { deferConstants } from "./defer-constants.ts";
import { type EntryRequest, entrySource } from "./entry-source.ts";
import { lateBuiltins } from "./late-builtins.ts";
import { stagedModules } from "./stages.ts";

/** Node's own modules are loaded by a `require` where they are first used. */
const REQUIRE =
  'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);';

export interface Bundle {
  readonly code: string;
  /** Bytes by module, below the folder of compiled modules. */
  readonly modules: ReadonlyMap<string, number>;
}

export async function bundle(request: EntryRequest): Promise<Bundle> {
  const node = request.host === "node";
  const { outputFiles, metafile } = await build({
    stdin: { contents: entrySource(request), resolveDir: distFolder, sourcefile: "entry.js" },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: node ? "node" : "browser",
    format: "esm",
    target: node ? "node20" : "es2022",
    charset: "ascii",
    legalComments: "none",
    logLevel: "silent",
    absWorkingDir: distFolder,
    plugins: [specialise(request), ...(node ? [lateBuiltins(importsOfHost())] : [])],
    ...(node ? { banner: { js: REQUIRE } } : {}),
  });
  return { code: outputFiles[0]!.text, modules: sizes(metafile) };
}

/** What the modules of the host import of each part of Node. */
function importsOfHost(): (part: string) => readonly string[] {
  const names = new Map<string, Set<string>>();
  for (const folder of ["host/node", "entry/node"]) {
    for (const file of readdirSync(join(distFolder, folder)).filter((name) => /(?<!\.test)\.js$/.test(name))) {
      const text = readFileSync(join(distFolder, folder, file), "utf8");
      for (const [, list, part] of text.matchAll(/^import \{([^}]*)\} from "(node:[^"]+)";$/gm)) {
        const known = names.get(part!) ?? new Set();
        names.set(part!, known);
        for (const name of list!.split(",")) known.add(name.trim().split(" as ")[0]!);
      }
    }
  }
  return (part) => [...(names.get(part) ?? [])].filter((name) => name !== "").sort();
}

/** Puts staged modules in their places, and leaves system calls out of manifests. */
function specialise(request: EntryRequest): Plugin {
  const { libraries } = request;
  const staged = stagedModules(request);
  const trimmed = new Map(libraries.map((library) => [manifestOf(library.name).module, library]));
  return {
    name: "specialise",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir }) => ({
        path: join(resolveDir, path),
        sideEffects: false,
      }));
      onLoad({ filter: /\.js$/ }, async ({ path }) => {
        const module = relative(distFolder, path).split(sep).join("/");
        const text = staged.get(module) ?? (await readFile(path, "utf8"));
        const library = trimmed.get(module);
        return { contents: deferConstants(library === undefined ? text : trim(text, library)) };
      });
    },
  };
}

/** Takes the names of system calls out of a manifest's list. */
export function trim(manifest: string, { without = [] }: ChosenLibrary): string {
  const dropped = new Set(without.map(identifierOf));
  return manifest.replace(/\bsyscalls: \[([^\]]*)\]/, (_, list: string) => {
    const kept = list.split(",").filter((name) => !dropped.has(name.trim()));
    return `syscalls: [${kept.join(",")}]`;
  });
}

function sizes({ outputs }: Metafile): ReadonlyMap<string, number> {
  const [output] = Object.values(outputs);
  return new Map(
    Object.entries(output!.inputs)
      .map(([module, { bytesInOutput }]) => [module.replaceAll("\\", "/"), bytesInOutput] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
