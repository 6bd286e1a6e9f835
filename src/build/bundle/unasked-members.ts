/** Leaves out of a module what no living code of the program asks its objects for. */
import type { Program } from "acorn";
import { isMethod } from "./live-names.ts";
import { type Edit, eachNode, nameOf } from "./syntax.ts";

/** What declarations say for those who print system calls and lists of libraries: images mostly have none of them. */
const TOLD = new Set(["summary", "support", "format"]);

/** @param isAsked - whether living code mentions a name. */
export function unaskedMembers(program: Program, isAsked: (name: string) => boolean): readonly Edit[] {
  const edits: Edit[] = [];
  eachNode(program, (node) => {
    if (isMethod(node) && !isAsked(nameOf(node)!)) edits.push({ start: node.start, end: node.end, text: "" });
    if (node.type !== "ObjectExpression") return;
    for (const [i, property] of node.properties.entries()) {
      const name = nameOf(property);
      if (name === undefined || !TOLD.has(name) || isAsked(name)) continue;
      // With the comma behind it.
      edits.push({ start: property.start, end: node.properties[i + 1]?.start ?? node.end - 1, text: "" });
    }
  });
  return edits;
}
