/**
 * Finds out which names a program can ask objects for.
 *
 * A bundler leaves out functions and classes that nothing refers to, but no member of a class: it does not know what an object
 * is. A member whose name no living code mentions cannot be asked for, whatever objects there are. What the program does when
 * it is loaded lives, and so does what living code refers to, or calls by its name.
 */
import type { AnyNode, Program, VariableDeclarator } from "acorn";
import { eachChild, nameOf } from "./syntax.ts";

/** Members that the language itself asks for. */
const BUILT_IN = ["toString", "valueOf", "toJSON", "then", "next", "return", "throw"];

/** A piece of a program, and what it leads to when it lives. */
interface Part {
  readonly variables: ReadonlySet<string>;
  /** Of members. */
  readonly names: ReadonlySet<string>;
  /** Methods of classes within it: each lives when its name is mentioned as well. */
  readonly methods: readonly Method[];
}

interface Method extends Part {
  readonly name: string;
}

/** The names that living code of a linked program mentions: by access, by taking apart, or as text. */
export function liveNames(program: Program): ReadonlySet<string> {
  const declared = new Map<string, Part>();
  const roots: Part[] = [];
  const declare = (name: string, node: AnyNode): void => void declared.set(name, partOf(node));
  for (const statement of program.body) {
    if (statement.type === "FunctionDeclaration" || statement.type === "ClassDeclaration") {
      declare(statement.id.name, statement);
    } else if (statement.type === "VariableDeclaration") {
      for (const declarator of statement.declarations) {
        if (declarator.id.type === "Identifier" && isInert(declarator)) declare(declarator.id.name, declarator);
        else roots.push(partOf(declarator));
      }
    } else roots.push(partOf(statement));
  }
  return new Reach(declared).from(roots);
}

/** Whether nothing happens when a variable gets its first value: see `deferConstants`. */
function isInert({ init }: VariableDeclarator): boolean {
  switch (init?.type) {
    case "CallExpression":
      return init.callee.type === "ArrowFunctionExpression" && init.arguments.length === 0;
    case undefined:
    case "Literal":
    case "TemplateLiteral":
    case "UnaryExpression":
    case "Identifier":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
    case "ClassExpression":
      return true;
    default:
      return false;
  }
}

/** Follows what is mentioned until there is nothing new. */
class Reach {
  private readonly declared: ReadonlyMap<string, Part>;
  private readonly names = new Set(BUILT_IN);
  /** Methods of living classes that nothing has mentioned yet, by name. */
  private readonly waiting = new Map<string, Method[]>();
  private readonly living = new Set<Part>();
  private readonly pending: Part[] = [];

  constructor(declared: ReadonlyMap<string, Part>) {
    this.declared = declared;
  }

  from(roots: readonly Part[]): ReadonlySet<string> {
    this.pending.push(...roots);
    for (let part = this.pending.pop(); part !== undefined; part = this.pending.pop()) {
      if (this.living.has(part)) continue;
      this.living.add(part);
      this.follow(part);
    }
    return this.names;
  }

  private follow({ variables, names, methods }: Part): void {
    for (const variable of variables) {
      const declaration = this.declared.get(variable);
      if (declaration !== undefined) this.pending.push(declaration);
    }
    for (const name of names) {
      this.names.add(name);
      this.pending.push(...(this.waiting.get(name) ?? []));
      this.waiting.delete(name);
    }
    for (const method of methods) {
      const { name } = method;
      if (this.names.has(name)) this.pending.push(method);
      else this.waiting.set(name, [...(this.waiting.get(name) ?? []), method]);
    }
  }
}

function partOf(root: AnyNode): Part {
  const variables = new Set<string>();
  const names = new Set<string>();
  const methods: Method[] = [];
  const visit = (node: AnyNode): void => {
    if (isMethod(node)) {
      methods.push({ name: nameOf(node)!, ...partOf(node.value) });
      return;
    }
    if (node.type === "Identifier") variables.add(node.name);
    for (const name of mentioned(node)) names.add(name);
    eachChild(node, visit);
  };
  visit(root);
  return { variables, names, methods };
}

/** Whether a node is a member of a class that nothing but its name leads to. */
export function isMethod(node: AnyNode): node is AnyNode & { readonly type: "MethodDefinition" } {
  return node.type === "MethodDefinition" && node.kind !== "constructor" && nameOf(node) !== undefined;
}

/** The names by which a node itself may ask an object for something. */
export function mentioned(node: AnyNode): readonly string[] {
  switch (node.type) {
    case "MemberExpression":
      return [nameOf(node) ?? []].flat();
    case "ObjectPattern":
      return node.properties.flatMap((property) => nameOf(property) ?? []);
    case "Literal":
      return typeof node.value === "string" ? [node.value] : [];
    default:
      return [];
  }
}
