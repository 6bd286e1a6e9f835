/** The libraries that an image may have. */
import type { Library } from "../../kernel/library.ts";
import { fsRam } from "../../lib/fs-ram/index.ts";
import { full } from "../../preset/full.ts";

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

/** Where a library's manifest lies below the folder of compiled modules, and what it exports it as: both follow from its name. */
export function manifestOf(name: string): { readonly module: string; readonly exported: string } {
  return { module: `lib/${name}/index.js`, exported: camelCase(name, "-") };
}

/** What a manifest calls a system call: its name in camel case. */
export function identifierOf(syscall: string): string {
  return camelCase(syscall, "_");
}

function camelCase(name: string, separator: string): string {
  return name
    .split(separator)
    .map((part, i) => (i === 0 ? part : part.charAt(0).toUpperCase() + part.slice(1)))
    .join("");
}
