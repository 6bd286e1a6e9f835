/** Relations between packages: Depends, Pre-Depends and Provides (Debian Policy, chapter 7). */
import { compareVersions } from "./version.ts";

type Operator = "<<" | "<=" | "=" | ">=" | ">>";

/** `name (operator version)`. */
export interface Relation {
  readonly name: string;
  readonly constraint: { readonly operator: Operator; readonly version: string } | undefined;
}

const RELATION =
  /^(?<name>[a-z0-9][a-z0-9+.-]*)(?::[a-z0-9-]+)?\s*(?:\(\s*(?<operator><<|<=|=|>=|>>)\s*(?<version>[^\s)]+)\s*\))?$/;

/** Parses "a (>= 1) | b, c": all of the outer list are needed, of each inner list one; undefined if it is ill-formed. */
export function parseRelations(field: string): readonly (readonly Relation[])[] | undefined {
  const groups: Relation[][] = [];
  for (const group of field.split(",")) {
    // A trailing comma is allowed.
    if (group.trim() === "") continue;
    const alternatives: Relation[] = [];
    for (const text of group.split("|")) {
      const relation = parseRelation(text.trim());
      if (relation === undefined) return undefined;
      alternatives.push(relation);
    }
    groups.push(alternatives);
  }
  return groups;
}

function parseRelation(text: string): Relation | undefined {
  const found = RELATION.exec(text)?.groups;
  if (found === undefined) return undefined;
  const { name, operator, version } = found;
  return {
    name: name!,
    constraint: version === undefined ? undefined : { operator: operator as Operator, version },
  };
}

/** Whether a version meets the relation's constraint. */
export function admits(relation: Relation, version: string): boolean {
  if (relation.constraint === undefined) return true;
  const order = compareVersions(version, relation.constraint.version);
  switch (relation.constraint.operator) {
    case "<<":
      return order < 0;
    case "<=":
      return order <= 0;
    case "=":
      return order === 0;
    case ">=":
      return order >= 0;
    case ">>":
      return order > 0;
  }
}

/** Whether a Provides entry meets the relation: without a version it meets only a relation without one (Policy 7.5). */
export function providedMeets(relation: Relation, provided: Relation): boolean {
  if (relation.name !== provided.name) return false;
  if (relation.constraint === undefined) return true;
  return provided.constraint !== undefined && admits(relation, provided.constraint.version);
}

/** Writes a relation as it stands in a control file. */
export function relationText({ name, constraint }: Relation): string {
  return constraint === undefined ? name : `${name} (${constraint.operator} ${constraint.version})`;
}
