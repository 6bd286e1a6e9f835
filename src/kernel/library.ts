import type { Kernel } from "./kernel.ts";
import type { SyscallDefinition } from "./syscall.ts";

let points = 0;

/** A typed place where libraries add to what another one does. Owned and exported by that other one. */
export class ExtensionPoint<T> {
  readonly name: string;
  /** Where every kernel keeps what was contributed: system calls ask all the time. */
  readonly index = points++;

  constructor(name: string) {
    this.name = name;
  }

  /** Makes a contribution, to be listed in a library's `extends`. */
  with(value: T): Extension<T> {
    return { point: this, value };
  }
}

export interface Extension<T = unknown> {
  readonly point: ExtensionPoint<T>;
  readonly value: T;
}

/** A micro-library: what an image may list. Importing it does nothing; a kernel is made of a list of them. */
export interface Library {
  readonly name: string;
  /** One line for `drupe syscalls` and `drupe menu`. */
  readonly summary: string;
  /** Libraries without which this one cannot work: imported values, so that the module graph is the dependency graph. */
  readonly needs: readonly Library[];
  readonly syscalls: readonly SyscallDefinition[];
  readonly extends: readonly Extension[];
  /** Called once when a kernel that lists the library starts, in dependency order. */
  readonly boot?: (kernel: Kernel) => void;
}

export function defineLibrary(
  library: Pick<Library, "name" | "summary"> &
    Partial<Pick<Library, "needs" | "syscalls" | "boot">> & { readonly extends?: readonly Extension[] },
): Library {
  return Object.freeze({
    needs: [],
    syscalls: [],
    ...library,
    extends: library.extends ?? [],
  });
}

/** Libraries in dependency order, each once; throws if two provide the same system call, which is a bug in the list. */
export function resolveLibraries(wanted: readonly Library[]): readonly Library[] {
  const ordered = new Set<Library>();
  const visit = (library: Library): void => {
    if (ordered.has(library)) return;
    for (const needed of library.needs) visit(needed);
    ordered.add(library);
  };
  for (const library of wanted) visit(library);
  const providers = new Map<string, Library>();
  for (const library of ordered) {
    for (const { name } of library.syscalls) {
      const other = providers.get(name);
      if (other !== undefined) throw new Error(`${name} is provided by ${other.name} and by ${library.name}`);
      providers.set(name, library);
    }
  }
  return [...ordered];
}
