/** The libraries that an image may have. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Library } from "../../kernel/library.ts";
import { fsRam } from "../../lib/fs-ram/index.ts";
import { full } from "../../preset/full.ts";
import { distFolder } from "../dist-folder.ts";

/** Every library by its name, in dependency order. */
export const catalogue: ReadonlyMap<string, Library> = collect();

function collect(): ReadonlyMap<string, Library> {
  const found = new Map<string, Library>();
  const visit = (library: Library): void => {
    if (found.has(library.name)) return;
    for (const needed of library.needs) visit(needed);
    found.set(library.name, library);
  };
  for (const library of [...full, fsRam]) visit(library);
  return found;
}

/** Where a library's manifest lies below the folder of compiled modules, and what it exports it as. */
export function manifestOf(name: string): { readonly module: string; readonly exported: string } {
  const known = manifests.get(name);
  if (known !== undefined) return known;
  const module = `lib/${name}/index.js`;
  const text = readFileSync(join(distFolder, module), "utf8");
  const exported = new RegExp(`^export const (\\w+) = defineLibrary\\(\\{\\s*name: "${name}",`, "m").exec(text)?.[1];
  if (exported === undefined) throw new Error(`${module} exports no library ${name}`);
  manifests.set(name, { module, exported });
  return { module, exported };
}

const manifests = new Map<string, { readonly module: string; readonly exported: string }>();

/** What a manifest calls a system call: its name in camel case. */
export function identifierOf(syscall: string): string {
  return syscall.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
