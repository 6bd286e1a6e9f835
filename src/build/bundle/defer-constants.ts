/**
 * Lets a bundler leave out the constants that nobody uses.
 *
 * Importing a module does nothing: what its constants are made by has no effect but the constant. A bundler cannot know that,
 * since any call and any member access might have one. So `const a = f(b.c);` becomes a call of a function that is marked
 * as pure, which is inlined again where the constant is used.
 *
 * @param module - as the compiler writes it: a statement of the top level begins at the margin, and its end is the end of a line.
 */
export function deferConstants(module: string): string {
  const lines = module.split("\n");
  const out: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const [, head, first] = /^((?:export )?const [\w$]+ = )(.*)$/.exec(lines[i]!) ?? [];
    if (head === undefined || first === undefined || isPlain(first)) {
      out.push(lines[i]!);
      continue;
    }
    let value = first;
    while (!endsStatement(value, lines[i + 1])) value += `\n${lines[++i]!}`;
    out.push(`${head}/* @__PURE__ */ (() => (${value.slice(0, -1)}))();`);
  }
  return out.join("\n");
}

/** Literals, functions and classes have no effect that a bundler would not see. */
function isPlain(value: string): boolean {
  return /^(?:[-\d."'`]|true|false|async |function|class |\([^()]*\) =>|[\w$]+ =>)/.test(value);
}

function endsStatement(value: string, next: string | undefined): boolean {
  if (!value.endsWith(";")) return false;
  if ((value.split("`").length - 1) % 2 === 1) return false;
  return next === undefined || next === "" || /^[^\s})\]]/.test(next);
}
