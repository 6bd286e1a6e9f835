/** Puts staged modules in their places, and leaves out of the others what the image does not need. */
import { readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { Program } from "acorn";
import type { BuildOptions, Plugin } from "esbuild";
import type { ChosenLibrary } from "../../entry/manifest.ts";
import { distFolder } from "../dist-folder.ts";
import { identifierOf, manifestOf } from "../libraries/catalogue.ts";
import { deferConstants } from "./defer-constants.ts";
import type { EntryRequest } from "./entry-source.ts";
import { KnownNumbers } from "./known-numbers.ts";
import { liveNames } from "./live-names.ts";
import { ownNames } from "./own-names.ts";
import { stagedModules } from "./stages.ts";
import { applyEdits, parseModule } from "./syntax.ts";
import { unaskedMembers } from "./unasked-members.ts";

interface Source {
  readonly text: string;
  readonly program: Program;
}

/** The modules of one image. They are linked twice: what the first result lives by decides what the second gets. */
export class Modules {
  private readonly staged: ReadonlyMap<string, string>;
  private readonly trimmed: ReadonlyMap<string, ChosenLibrary>;
  /** By path below the folder of compiled modules. */
  private readonly sources = new Map<string, Source>();
  private readonly specialised = new Map<string, string>();
  /** How names of members are shortened. */
  mangling: Pick<BuildOptions, "mangleProps"> = {};

  constructor(request: EntryRequest) {
    this.staged = stagedModules(request);
    this.trimmed = new Map(request.libraries.map((library) => [manifestOf(library.name).module, library]));
  }

  get plugin(): Plugin {
    return {
      name: "specialise",
      setup: ({ onResolve, onLoad }) => {
        onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir }) => ({
          path: join(resolveDir, path),
          sideEffects: false,
        }));
        onLoad({ filter: /\.js$/ }, async ({ path }) => {
          const module = relative(distFolder, path).split(sep).join("/");
          const { text } = await this.source(module);
          return { contents: deferConstants(this.specialised.get(module) ?? text) };
        });
      },
    };
  }

  /** Leaves out what a program that was linked of them does not ask for. */
  specialise(linked: string): void {
    const program = parseModule(linked);
    const live = liveNames(program);
    const numbers = new KnownNumbers(new Map([...this.sources].map(([path, { program }]) => [path, program])));
    for (const [path, { text, program }] of this.sources) {
      const edits = [...unaskedMembers(program, (name) => live.has(name)), ...numbers.edits(path)];
      if (edits.length > 0) this.specialised.set(path, applyEdits(text, edits));
    }
    this.mangling = { mangleProps: new RegExp(`^(?:${[...ownNames(program)].join("|")})$`) };
  }

  private async source(module: string): Promise<Source> {
    const known = this.sources.get(module);
    if (known !== undefined) return known;
    const whole = this.staged.get(module) ?? (await readFile(join(distFolder, module), "utf8"));
    const library = this.trimmed.get(module);
    const text = library === undefined ? whole : trim(whole, library);
    const made = { text, program: parseModule(text) };
    this.sources.set(module, made);
    return made;
  }
}

/** Takes the names of system calls out of a manifest's list. */
export function trim(manifest: string, { without = [] }: ChosenLibrary): string {
  const dropped = new Set(without.map(identifierOf));
  return manifest.replace(/\bsyscalls: \[([^\]]*)\]/, (_, list: string) => {
    const kept = list.split(",").filter((name) => !dropped.has(name.trim()));
    return `syscalls: [${kept.join(",")}]`;
  });
}
