/** What /proc is made of, as plain tables: texts that are made when they are read, links, and directories. */
import type { Result } from "../../abi/errno.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { Process } from "../../kernel/process.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import type { Location } from "../vfs/index.ts";

interface Common {
  /** Permissions; a kind of node has its usual ones. */
  readonly mode?: number;
  /** Whose it is; default root's. */
  readonly owner?: Process;
  /** Whose insides it shows: only who may look into that process gets to see them. */
  readonly shows?: Process;
}

export interface TextNode extends Common {
  readonly kind: "text";
  read(): string;
  /** Takes what is written in one call; absent where nothing may be written. */
  write?(task: Task, text: string): Result<0>;
}

export interface LinkNode extends Common {
  readonly kind: "link";
  target(task: Task): Result<ByteString>;
  /** Where it leads if that is more than a path: to an open file, or a place without a name. */
  follow?(task: Task): Answer<Location>;
}

export interface DirectoryNode extends Common {
  readonly kind: "directory";
  /** Names and nodes, those that come and go included. The same object for the same node. */
  entries(): ReadonlyMap<string, ProcNode>;
  /** Finds what is there but not listed. */
  unlisted?(name: string): ProcNode | undefined;
}

export type ProcNode = TextNode | LinkNode | DirectoryNode;

/** A file whose text is made anew for each reader. */
export function text(read: () => string, more: Omit<TextNode, "kind" | "read"> = {}): TextNode {
  return { kind: "text", read, ...more };
}

/** A setting that cannot be changed: its value and a newline. */
export function value(read: () => string | number): TextNode {
  return text(() => `${read()}\n`);
}

export function link(target: LinkNode["target"], more: Omit<LinkNode, "kind" | "target"> = {}): LinkNode {
  return { kind: "link", target, ...more };
}

/** A directory that always holds the same. */
export function directory(
  entries: Readonly<Record<string, ProcNode>>,
  more: Omit<DirectoryNode, "kind" | "entries"> = {},
): DirectoryNode {
  const map = new Map(Object.entries(entries));
  return { kind: "directory", entries: () => map, ...more };
}

/** A text, and the names that lead to it. */
export interface PlacedText {
  readonly names: readonly string[];
  readonly node: ProcNode;
}

/** The entries of a directory with texts added, in directories of it that are made if they lack. */
export function withTexts(
  entries: Readonly<Record<string, ProcNode>>,
  texts: readonly PlacedText[],
): Readonly<Record<string, ProcNode>> {
  const all = { ...entries };
  for (const { names, node } of texts) {
    const [name, ...rest] = names as [string, ...string[]];
    const known = all[name];
    const below = known?.kind === "directory" ? Object.fromEntries(known.entries()) : {};
    all[name] = rest.length === 0 ? node : directory(withTexts(below, [{ names: rest, node }]));
  }
  return all;
}
