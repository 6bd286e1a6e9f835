/**
 * Finds the names that objects of a program's own classes ask nobody but themselves for: private members, above all.
 *
 * They may be called something shorter. No host and no other program knows them, no object literal has them, and no text
 * spells them.
 */
import type { AnyNode, Program } from "acorn";
import { mentioned } from "./live-names.ts";
import { eachChild, eachNode, nameOf } from "./syntax.ts";

export function ownNames(program: Program): ReadonlySet<string> {
  const own = new Set<string>();
  const others = new Set(["constructor"]);
  const classes = declaredClasses(program);
  /** @param members - names of the class whose body this is. */
  const visit = (node: AnyNode, members: ReadonlySet<string>): void => {
    let inside = members;
    if (node.type === "ClassDeclaration" || node.type === "ClassExpression") {
      inside = new Set(node.body.body.flatMap((member) => nameOf(member) ?? []));
      const { superClass } = node;
      const isOwn = !superClass || (superClass.type === "Identifier" && classes.has(superClass.name));
      for (const name of inside) (isOwn ? own : others).add(name);
    }
    const note = (names: readonly string[], ofThis: boolean): void => {
      for (const name of names) if (!(ofThis && inside.has(name))) others.add(name);
    };
    note(node.type === "ObjectExpression" ? keysOf(node) : mentioned(node), isOfThis(node));
    // Taking `this` apart is as good as access.
    const apart = node.type === "VariableDeclarator" && node.init?.type === "ThisExpression" ? node.id : undefined;
    if (apart) note(mentioned(apart), true);
    const below = (child: AnyNode): void => visit(child, inside);
    eachChild(node, (child) => (child === apart ? eachChild(child, below) : below(child)));
  };
  visit(program, new Set());
  return new Set([...own].filter((name) => !others.has(name)));
}

function declaredClasses(program: Program): ReadonlySet<string> {
  const names = new Set<string>();
  eachNode(program, (node) => {
    if (node.type === "ClassDeclaration" && node.id !== null) names.add(node.id.name);
    if (node.type === "VariableDeclarator" && node.init?.type === "ClassExpression" && node.id.type === "Identifier")
      names.add(node.id.name);
  });
  return names;
}

function isOfThis(node: AnyNode): boolean {
  return node.type === "MemberExpression" && node.object.type === "ThisExpression";
}

function keysOf({ properties }: AnyNode & { readonly type: "ObjectExpression" }): readonly string[] {
  return properties.flatMap((property) => nameOf(property) ?? []);
}
