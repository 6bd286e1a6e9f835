/** Syntax trees of JavaScript (ESTree), as the passes over an image's modules need them. */
import { type AnyNode, type Node, type Program, parse } from "acorn";

/** Parses a module. */
export function parseModule(text: string): Program {
  return parse(text, { ecmaVersion: "latest", sourceType: "module" });
}

/** Calls back with each node directly below a node, in the order of the text. */
export function eachChild(node: AnyNode, call: (child: AnyNode) => void): void {
  for (const key in node) {
    const value = node[key as keyof AnyNode] as unknown;
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) call(item);
    } else if (isNode(value)) call(value);
  }
}

/** Calls back with a node and all below it. */
export function eachNode(node: AnyNode, call: (node: AnyNode) => void): void {
  call(node);
  eachChild(node, (child) => eachNode(child, call));
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

/** What a property, a member or an access is called, unless that is computed. */
export function nameOf(node: AnyNode): string | undefined {
  switch (node.type) {
    case "MemberExpression":
      return !node.computed && node.property.type === "Identifier" ? node.property.name : undefined;
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
      if (node.computed) return undefined;
      if (node.key.type === "Identifier") return node.key.name;
      return node.key.type === "Literal" ? String(node.key.value) : undefined;
    default:
      return undefined;
  }
}

/** One change of a text. */
export interface Edit extends Pick<Node, "start" | "end"> {
  readonly text: string;
}

/** Applies changes, of which one may lie within another: then the outer one counts. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let out = "";
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (edit.start < at) continue;
    out += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + text.slice(at);
}
