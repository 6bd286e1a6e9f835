/** Which packages a package needs to run. */
import { ImageError } from "../image-error.ts";
import { type PackageIndex, type PackageRecord, providesOf } from "./package-index.ts";
import { admits, parseRelations, providedMeets, type Relation, relationText } from "./relation.ts";

/** The package with the skeleton of a Debian root: /bin -> usr/bin and its like, /etc/os-release, /tmp. */
const SKELETON = "base-files";

/**
 * Finds the closure of packages over Depends and Pre-Depends, a package after those it depends on.
 *
 * As apt does, it takes the first alternative that can be had, unless another is taken already; of a virtual package's
 * providers the one of the highest priority. Conflicts are not looked at: nothing is installed beside the closure, and
 * within one Debian suite it can be installed. Recommends and Essential packages are not pulled in. base-files comes
 * first and without its own dependencies, which only its maintainer scripts use.
 */
export function resolveClosure(index: PackageIndex, names: readonly string[]): readonly PackageRecord[] | ImageError {
  const resolver = new Resolver(index, index.get(SKELETON));
  for (const name of names) {
    const root = index.get(name);
    if (root === undefined) return unknownPackage(index, name);
    const failure = resolver.has(root) ? undefined : resolver.take(root);
    if (failure !== undefined) return new ImageError(`the package ${name} cannot be resolved: ${failure}`, MIRROR_CURE);
  }
  return resolver.taken;
}

const MIRROR_CURE = "The mirror's index is not consistent: try again later, or pass another with --mirror URL.";

class Resolver {
  readonly taken: PackageRecord[] = [];
  readonly #index: PackageIndex;
  /** Taken, or on the way: dependency cycles are allowed. */
  readonly #chosen = new Map<string, PackageRecord>();

  constructor(index: PackageIndex, skeleton: PackageRecord | undefined) {
    this.#index = index;
    if (skeleton === undefined) return;
    this.#chosen.set(skeleton.name, skeleton);
    this.taken.push(skeleton);
  }

  has(record: PackageRecord): boolean {
    return this.#chosen.get(record.name) === record;
  }

  /** Takes a package with all it needs; says why if that is impossible, and has then taken nothing. */
  take(record: PackageRecord): string | undefined {
    const groups = parseRelations(record.depends);
    if (groups === undefined) return `the dependencies of ${record.name} are ill-formed`;
    const before = new Map(this.#chosen);
    const length = this.taken.length;
    this.#chosen.set(record.name, record);
    for (const group of groups) {
      const failure = this.#satisfy(group);
      if (failure === undefined) continue;
      this.#chosen.clear();
      for (const [name, chosen] of before) this.#chosen.set(name, chosen);
      this.taken.length = length;
      return `${record.name} needs ${group.map(relationText).join(" or ")}, ${failure}`;
    }
    this.taken.push(record);
    return undefined;
  }

  #satisfy(group: readonly Relation[]): string | undefined {
    if (group.some((relation) => this.#isMet(relation))) return undefined;
    let failure = "which the mirror does not have";
    for (const candidate of group.flatMap((relation) => this.#candidates(relation))) {
      const reason = this.take(candidate);
      if (reason === undefined) return undefined;
      failure = `but ${reason}`;
    }
    return failure;
  }

  #isMet(relation: Relation): boolean {
    const real = this.#chosen.get(relation.name);
    if (real !== undefined && admits(relation, real.version)) return true;
    return this.#index
      .providersOf(relation.name)
      .some((record) => this.#chosen.has(record.name) && provides(record, relation));
  }

  #candidates(relation: Relation): PackageRecord[] {
    const real = this.#index.get(relation.name);
    const virtual = this.#index.providersOf(relation.name).filter((record) => provides(record, relation));
    return real !== undefined && admits(relation, real.version) ? [real, ...virtual] : virtual;
  }
}

function provides(record: PackageRecord, relation: Relation): boolean {
  return providesOf(record).some((provided) => providedMeets(relation, provided));
}

function unknownPackage(index: PackageIndex, name: string): ImageError {
  const providers = index.providersOf(name).map((record) => record.name);
  if (providers.length > 0) {
    return new ImageError(
      `${name} is a virtual package`,
      `Name one that provides it: ${providers.slice(0, 8).join(", ")}.`,
    );
  }
  const similar = [...index.names()].filter((other) => isSimilar(name, other)).slice(0, 8);
  return new ImageError(
    `the mirror has no package ${name} for riscv64`,
    similar.length > 0
      ? `Did you mean ${similar.join(", ")}?`
      : "Look for its name on a Debian system: apt-cache search WORD.",
  );
}

/** Whether one name is the other with at most one letter more, less, changed or swapped, or with a version behind it. */
function isSimilar(name: string, other: string): boolean {
  if (other.startsWith(name) && /^[-0-9.]+$/.test(other.slice(name.length))) return true;
  if (Math.abs(name.length - other.length) > 1) return false;
  let head = 0;
  while (head < name.length && name[head] === other[head]) head++;
  let tail = 0;
  while (tail < Math.min(name.length, other.length) - head && name.at(-1 - tail) === other.at(-1 - tail)) tail++;
  const left = name.slice(head, name.length - tail);
  const right = other.slice(head, other.length - tail);
  return (left.length <= 1 && right.length <= 1) || (left.length === 2 && left === right[1]! + right[0]!);
}
