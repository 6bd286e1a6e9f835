/** Reads a YAML file against a schema; what is wrong with it is said with its line. */
import * as v from "valibot";
import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import { BuildError } from "../build-error.ts";
import { nearest } from "../nearest.ts";

type Schema = v.GenericSchema<unknown, unknown> & { readonly entries: Readonly<Record<string, unknown>> };
type Issue = v.BaseIssue<unknown>;

/** Parses and checks. `file` is how messages name it. */
export function parseYaml<S extends Schema>(file: string, text: string, schema: S): v.InferOutput<S> | BuildError {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const { line } = lines.linePos(broken.pos[0]);
    return new BuildError(`${file}:${line}: ${lowerFirst(broken.message)}`, "Correct the YAML at that line.");
  }
  const result = v.safeParse(schema, document.toJS());
  if (result.success) return result.output;
  const issue = deepest(result.issues[0]);
  const at = lineOf(document, lines, issue);
  const place = at === undefined ? file : `${file}:${at}`;
  const { message, cure } = explain(issue, schema);
  return new BuildError(`${place}: ${message}`, cure);
}

/** Of an alternative that fits nowhere, the complaint that got furthest. */
function deepest(issue: Issue): Issue {
  const inner = (issue.issues ?? []).map(deepest);
  const depth = (each: Issue): number => each.path?.length ?? 0;
  const further = inner.filter((each) => depth(each) > 0).sort((a, b) => depth(b) - depth(a))[0];
  if (further === undefined) return issue;
  return {
    ...further,
    path: [...(issue.path ?? []), ...(further.path ?? [])] as unknown as NonNullable<Issue["path"]>,
  };
}

function keysOf({ path }: Issue): (string | number)[] {
  return (path ?? []).map(({ key }) => key as string | number);
}

function lineOf(document: Document, lines: LineCounter, issue: Issue): number | undefined {
  const keys = keysOf(issue);
  for (let length = keys.length; length >= 0; length--) {
    const node: unknown = length === 0 ? document.contents : document.getIn(keys.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

function explain(issue: Issue, schema: Schema): { readonly message: string; readonly cure: string } {
  const keys = keysOf(issue);
  const name = keys.join(".");
  const last = String(keys.at(-1) ?? "");
  if (issue.expected === "never") {
    const known = Object.keys(schema.entries);
    const close = keys.length === 1 ? nearest(last, known) : undefined;
    const cure = close === undefined ? `There are ${known.join(", ")}.` : `Did you mean ${close}?`;
    return { message: `${name} is no setting`, cure: keys.length === 1 ? cure : "Leave it out." };
  }
  if (issue.received === "undefined") return { message: `${name} is missing`, cure: `Add ${name}: ${shape(issue)}.` };
  return { message: `${name === "" ? "the file" : name} is ${issue.received}`, cure: `It takes ${shape(issue)}.` };
}

/** What a setting takes, in words. */
function shape({ expected }: Issue): string {
  const parts = (expected ?? "something else").replace(/^\((.*)\)$/, "$1").split(" | ");
  const named = parts.map((part) => WORDS[part] ?? part.replaceAll('"', ""));
  return [...new Set(named)].join(" or ");
}

const WORDS: Readonly<Record<string, string>> = {
  string: "a text",
  Array: "a list",
  Object: "a map",
  number: "a number",
  boolean: "true or false",
  false: "false",
  ">=1": "1 or more",
};

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
