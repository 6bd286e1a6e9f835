/** From what is asked for to the list of libraries that an image gets. */
import type { SyscallName } from "../../abi/riscv64/syscalls.ts";
import type { ChosenLibrary } from "../../entry/manifest.ts";
import type { Library } from "../../kernel/library.ts";
import { BuildError } from "../build-error.ts";
import { nearest } from "../nearest.ts";

/** A library that somebody asks for by name, and why. */
export interface Wish {
  readonly name: string;
  readonly why: string;
}

export interface ResolveRequest {
  readonly catalogue: ReadonlyMap<string, Library>;
  readonly wishes: readonly Wish[];
  /** Libraries that must not come in. */
  readonly without: readonly string[];
  /** The only system calls that the program can make, if that is known: libraries come without the others. */
  readonly calls?: ReadonlySet<SyscallName> | undefined;
}

/**
 * Closes a list of libraries under their needs, in dependency order.
 *
 * Errors: an unknown name, a cycle of needs, a system call that two provide, a need that was excluded.
 */
export function resolve(request: ResolveRequest): readonly ChosenLibrary[] | BuildError {
  const { catalogue, wishes, without } = request;
  for (const name of [...wishes.map((wish) => wish.name), ...without]) {
    if (!catalogue.has(name)) return unknown(name, [...catalogue.keys()]);
  }
  const reasons = new Map<Library, string>();
  const open: Library[] = [];
  const visit = (library: Library, why: string): BuildError | undefined => {
    if (open.includes(library)) return cycle([...open.slice(open.indexOf(library)), library]);
    if (reasons.has(library)) return undefined;
    if (without.includes(library.name)) return excluded(library.name, why);
    open.push(library);
    for (const needed of library.needs) {
      const wrong = visit(needed, `needed by ${library.name}`);
      if (wrong !== undefined) return wrong;
    }
    open.pop();
    reasons.set(library, why);
    return undefined;
  };
  for (const { name, why } of wishes) {
    const wrong = visit(catalogue.get(name)!, why);
    if (wrong !== undefined) return wrong;
  }
  const chosen = [...reasons.keys()];
  return (
    providedTwice(chosen) ??
    chosen.map((library) => ({ name: library.name, why: reasons.get(library)!, ...leftOut(library, request.calls) }))
  );
}

function leftOut(library: Library, calls: ReadonlySet<SyscallName> | undefined): Pick<ChosenLibrary, "without"> {
  if (calls === undefined) return {};
  const without = library.syscalls.map(({ name }) => name).filter((name) => !calls.has(name));
  return without.length === 0 ? {} : { without };
}

function providedTwice(libraries: readonly Library[]): BuildError | undefined {
  const providers = new Map<string, Library>();
  for (const library of libraries) {
    for (const { name } of library.syscalls) {
      const other = providers.get(name);
      if (other !== undefined) {
        return new BuildError(
          `the system call ${name} is provided by ${other.name} and by ${library.name}`,
          "Take only one of the two libraries.",
        );
      }
      providers.set(name, library);
    }
  }
  return undefined;
}

function unknown(name: string, known: readonly string[]): BuildError {
  const close = nearest(name, known);
  return new BuildError(
    `there is no library ${name}`,
    close === undefined ? "drupe menu lists those that there are." : `Did you mean ${close}? drupe menu lists all.`,
  );
}

function cycle(path: readonly Library[]): BuildError {
  return new BuildError(
    `the libraries ${path.map(({ name }) => name).join(" → ")} need each other in a circle`,
    "This is a fault in their manifests: one of the needs must go.",
  );
}

function excluded(name: string, why: string): BuildError {
  return new BuildError(
    `the library ${name} is left out, but it is ${why}`,
    `Take ${name} out of "without", or leave out what needs it too.`,
  );
}
