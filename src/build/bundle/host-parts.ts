/** Parts of Node, which an image's script loads when it first calls something of theirs. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "esbuild";
import { distFolder } from "../dist-folder.ts";

/** What the script begins with. Importing a part would make Node look at all that it exports, and load what that needs. */
export const LOADER = 'import{createRequire}from"node:module";const load=createRequire(import.meta.url);';

/**
 * Puts a module of functions that load the part in the place of each part.
 *
 * @param atOnce - parts that every boot needs: they are imported with the image, so that no boot waits for them.
 */
export function hostParts(atOnce: readonly string[]): Plugin {
  const used = importsOfHost();
  const external = new Set(["node:module", ...atOnce]);
  return {
    name: "host parts",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^node:/ }, ({ path }) =>
        external.has(path) ? { path, external: true } : { path, namespace: "host", sideEffects: false },
      );
      onLoad({ filter: /.*/, namespace: "host" }, async ({ path }) => ({
        contents: standIn(path, (await import(path)) as Part, used.get(path) ?? []),
      }));
    },
  };
}

/** What the modules of the host import of each part. */
function importsOfHost(): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, Set<string>>();
  for (const folder of ["host/node", "entry/node"]) {
    for (const file of readdirSync(join(distFolder, folder)).filter((name) => /(?<!\.test)\.js$/.test(name))) {
      const text = readFileSync(join(distFolder, folder, file), "utf8");
      if (/^import (?!\{).*"node:/m.test(text)) throw new Error(`${folder}/${file} is to import parts of Node by name`);
      for (const [, list, part] of text.matchAll(/^import \{([^}]*)\} from "(node:[^"]+)";$/gm)) {
        const known = names.get(part!) ?? new Set();
        names.set(part!, known);
        for (const name of list!.split(",")) known.add(name.trim().split(" as ")[0]!);
      }
    }
  }
  return new Map([...names].map(([part, all]) => [part, [...all].filter((name) => name !== "").sort()]));
}

type Part = Readonly<Record<string, unknown>>;

function standIn(path: string, part: Part, names: readonly string[]): string {
  return names
    .map((name) => {
      const value = `load("${path}").${name}`;
      if (typeof part[name] !== "function") return `export const ${name} = /* @__PURE__ */ (() => ${value})();`;
      return /^[A-Z]/.test(name)
        ? `export function ${name}(...args) { return new (${value})(...args); }`
        : `export const ${name} = (...args) => ${value}(...args);`;
    })
    .join("\n");
}
