/** The index of an archive's packages for one architecture (a Packages file; Debian repository format). */
import { parseRelations, type Relation } from "./relation.ts";
import { compareVersions } from "./version.ts";

/** What is needed to resolve and to fetch a package. */
export interface PackageRecord {
  readonly name: string;
  readonly version: string;
  readonly priority: string;
  /** Depends and Pre-Depends, as they stand: most packages of an archive are never asked. */
  readonly depends: string;
  readonly provides: string;
  /** Path below the mirror's root. */
  readonly filename: string;
  readonly size: number;
  readonly sha256: string;
}

/** The fields that are kept; the others (descriptions, tags, …) make four fifths of the file. */
const KEPT = [
  "Package",
  "Version",
  "Priority",
  "Pre-Depends",
  "Depends",
  "Provides",
  "Filename",
  "Size",
  "SHA256",
] as const;
const KEPT_FIELDS: ReadonlySet<string> = new Set(KEPT);

/** Cuts a Packages file down to the fields that `PackageIndex` reads; the result is a Packages file again. */
export function slimIndex(text: string): string {
  const out: string[] = [];
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline;
    if (end === at) out.push("");
    else {
      const colon = text.indexOf(":", at);
      // Kept fields are of one line in this file (dpkg-scanpackages and dak unfold them).
      if (colon > 0 && colon < end && KEPT_FIELDS.has(text.slice(at, colon))) out.push(text.slice(at, end));
    }
    at = end + 1;
  }
  return `${out.join("\n")}\n`;
}

export class PackageIndex {
  readonly #packages = new Map<string, PackageRecord>();
  /** Packages by each virtual name that they provide. */
  readonly #providers = new Map<string, PackageRecord[]>();

  /** Parses a Packages file. Of several versions of one package the highest counts; a record without a hash does not. */
  constructor(text: string) {
    for (const paragraph of text.split(/\n\n+/)) {
      const record = parseRecord(paragraph);
      if (record === undefined) continue;
      const other = this.#packages.get(record.name);
      if (other === undefined || compareVersions(record.version, other.version) > 0)
        this.#packages.set(record.name, record);
    }
    for (const record of this.#packages.values()) this.#addProvides(record);
  }

  get(name: string): PackageRecord | undefined {
    return this.#packages.get(name);
  }

  /** Those who provide a virtual package, the most common first (by priority, then by name). */
  providersOf(name: string): readonly PackageRecord[] {
    return this.#providers.get(name) ?? [];
  }

  names(): Iterable<string> {
    return this.#packages.keys();
  }

  #addProvides(record: PackageRecord): void {
    for (const { name } of providesOf(record)) {
      const providers = this.#providers.get(name) ?? [];
      providers.push(record);
      providers.sort((a, b) => rankOf(a) - rankOf(b) || (a.name < b.name ? -1 : 1));
      this.#providers.set(name, providers);
    }
  }
}

export function providesOf(record: PackageRecord): readonly Relation[] {
  return record.provides === "" ? [] : (parseRelations(record.provides) ?? []).flat();
}

function parseRecord(paragraph: string): PackageRecord | undefined {
  const fields: Record<string, string> = {};
  for (const line of paragraph.split("\n")) {
    const colon = line.indexOf(": ");
    if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 2);
  }
  const { Package: name, Version: version, Filename: filename, SHA256: sha256 } = fields;
  // The hash becomes a file name in the cache.
  if (!name || !version || !filename || !/^[0-9a-f]{64}$/.test(sha256 ?? "")) return undefined;
  return {
    name,
    version,
    priority: fields.Priority ?? "optional",
    depends: [fields["Pre-Depends"], fields.Depends].filter(Boolean).join(", "),
    provides: fields.Provides ?? "",
    filename,
    size: Number(fields.Size),
    sha256: sha256!,
  };
}

const PRIORITIES = ["required", "important", "standard", "optional", "extra"];

function rankOf(record: PackageRecord): number {
  const rank = PRIORITIES.indexOf(record.priority);
  return rank < 0 ? PRIORITIES.length : rank;
}
