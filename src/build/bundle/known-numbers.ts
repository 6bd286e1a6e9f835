/**
 * Puts numbers in the place of the constants that stand for them: `PROT.READ` becomes 1.
 *
 * A bundler does so for constants of their own; those of Linux stand in tables, of which an image would get all if it needs one.
 */
import { posix } from "node:path";
import type { AnyNode, Program } from "acorn";
import { type Edit, eachNode, nameOf } from "./syntax.ts";

/** The modules of a program, by path; imports name each other's paths. */
export type Modules = ReadonlyMap<string, Program>;

/** A top-level constant, or what a module imports. */
type Binding =
  | { readonly kind: "constant"; readonly value: AnyNode }
  | { readonly kind: "import"; readonly module: string; readonly name: string };

export class KnownNumbers {
  private readonly modules: Modules;
  private readonly bindings = new Map<string, ReadonlyMap<string, Binding>>();

  constructor(modules: Modules) {
    this.modules = modules;
  }

  /** The accesses within a module that stand for a number, as changes of its text. */
  edits(path: string): readonly Edit[] {
    const names = new Set([...this.bindingsOf(path).keys()].filter(isTableName));
    const edits: Edit[] = [];
    if (names.size === 0) return edits;
    eachNode(this.modules.get(path)!, (node) => {
      if (node.type !== "MemberExpression" || node.object.type !== "Identifier" || !names.has(node.object.name)) return;
      const value = this.valueOf(node, path);
      if (value !== undefined) edits.push({ start: node.start, end: node.end, text: `(${value})` });
    });
    return edits;
  }

  /** The number that an expression of a module's top level stands for. */
  private valueOf(node: AnyNode, path: string): number | undefined {
    switch (node.type) {
      case "Literal":
        return typeof node.value === "number" ? node.value : undefined;
      case "UnaryExpression": {
        const value = this.valueOf(node.argument, path);
        return value === undefined || node.operator !== "-" ? undefined : -value;
      }
      case "BinaryExpression": {
        const left = this.valueOf(node.left, path);
        const right = this.valueOf(node.right, path);
        return left === undefined || right === undefined ? undefined : OPERATORS[node.operator]?.(left, right);
      }
      case "Identifier": {
        const found = this.constant(path, node.name);
        return found && this.valueOf(found.value, found.path);
      }
      case "MemberExpression":
        return this.entry(node, path);
      default:
        return undefined;
    }
  }

  /** The number of an entry of a table. */
  private entry(node: AnyNode & { readonly type: "MemberExpression" }, path: string): number | undefined {
    if (node.object.type !== "Identifier" || !isTableName(node.object.name)) return undefined;
    const table = this.constant(path, node.object.name);
    if (table?.value.type !== "ObjectExpression") return undefined;
    const entry = table.value.properties.find((property) => nameOf(property) === nameOf(node));
    return entry?.type === "Property" ? this.valueOf(entry.value, table.path) : undefined;
  }

  /** The constant that a name stands for in a module, and where it is declared. */
  private constant(path: string, name: string): { readonly value: AnyNode; readonly path: string } | undefined {
    const binding = this.bindingsOf(path).get(name);
    if (binding === undefined) return undefined;
    return binding.kind === "constant" ? { value: binding.value, path } : this.constant(binding.module, binding.name);
  }

  private bindingsOf(path: string): ReadonlyMap<string, Binding> {
    const known = this.bindings.get(path);
    if (known !== undefined) return known;
    const program = this.modules.get(path);
    const made = new Map(program === undefined ? [] : bindings(program, path));
    this.bindings.set(path, made);
    return made;
  }
}

const OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "**": (a, b) => a ** b,
  "<<": (a, b) => a << b,
  "|": (a, b) => a | b,
};

/** Tables of constants are in capitals, and nothing else is. */
function isTableName(name: string): boolean {
  return /^[A-Z][A-Z\d_]*$/.test(name);
}

function* bindings(program: Program, path: string): Generator<readonly [string, Binding]> {
  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration") yield* imported(statement, path);
    const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (declaration?.type !== "VariableDeclaration" || declaration.kind !== "const") continue;
    for (const { id, init } of declaration.declarations)
      if (id.type === "Identifier" && init) yield [id.name, { kind: "constant", value: init }];
  }
}

function* imported(
  { source, specifiers }: AnyNode & { readonly type: "ImportDeclaration" },
  path: string,
): Generator<readonly [string, Binding]> {
  const module = posix.join(posix.dirname(path), String(source.value));
  for (const specifier of specifiers) {
    if (specifier.type !== "ImportSpecifier" || specifier.imported.type !== "Identifier") continue;
    yield [specifier.local.name, { kind: "import", module, name: specifier.imported.name }];
  }
}
