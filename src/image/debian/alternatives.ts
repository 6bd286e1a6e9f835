/**
 * Debian's alternatives: /usr/bin/awk -> /etc/alternatives/awk -> /usr/bin/gawk (update-alternatives(1)).
 *
 * The links are made by maintainer scripts, which are never run. Their calls are read as text instead: a literal
 * `update-alternatives --install …` counts; one whose words come from the shell (variables, loops, substitutions) is
 * left out, as is an option of the tool that changes a choice made before.
 */
import { type ByteString, utf8Encode } from "../../base/bytes.ts";
import type { ImageError } from "../image-error.ts";
import type { RootBuilder } from "../root-tree.ts";

interface Link {
  /** Absolute paths, and the name below /etc/alternatives. */
  readonly link: string;
  readonly name: string;
  readonly path: string;
}

export interface Alternative extends Link {
  readonly priority: number;
  readonly slaves: readonly Link[];
}

/** Reads the alternatives that a postinst script would install. */
export function parseAlternatives(script: string): readonly Alternative[] {
  const found: Alternative[] = [];
  for (const line of script.replace(/\\\n/g, " ").split("\n")) {
    const call = /(?:^|[\s;&|])update-alternatives\s(.*)$/.exec(line);
    if (call === null || /^\s*#/.test(line)) continue;
    const alternative = parseCall(literalWords(call[1]!));
    if (alternative !== undefined) found.push(alternative);
  }
  return found;
}

/** Adds the links of the best choice of each group, where its program is in the tree and nothing stands in the way. */
export function installAlternatives(
  builder: RootBuilder,
  alternatives: readonly Alternative[],
): ImageError | undefined {
  const best = new Map<string, Alternative>();
  for (const alternative of alternatives) {
    const other = best.get(alternative.name);
    if (builder.resolve(utf8Encode(alternative.path)) === undefined) continue;
    if (other === undefined || alternative.priority > other.priority) best.set(alternative.name, alternative);
  }
  for (const alternative of best.values()) {
    for (const link of [alternative, ...alternative.slaves]) {
      const failed = installLink(builder, link);
      if (failed !== undefined) return failed;
    }
  }
  return undefined;
}

function installLink(builder: RootBuilder, { link, name, path }: Link): ImageError | undefined {
  if (builder.resolve(utf8Encode(path)) === undefined) return undefined;
  if (builder.resolve(utf8Encode(link), "keep-last") !== undefined) return undefined;
  return (
    builder.add(`etc/alternatives/${utf8Encode(name)}` as ByteString, symlink(path)) ??
    builder.add(utf8Encode(link.slice(1)), symlink(`/etc/alternatives/${name}`))
  );
}

function symlink(target: string) {
  const mtime = { seconds: 0, nanoseconds: 0 };
  return { type: "symlink", mode: 0o777, uid: 0, gid: 0, mtime, target: utf8Encode(target) } as const;
}

/** Splits what follows a command into words, up to the first that the shell would not take literally. */
function literalWords(text: string): readonly string[] {
  const words: string[] = [];
  for (const match of text.matchAll(/\s*(?:(?:'([^']*)'|"([^"$`\\]*)"|([^\s'"$`\\;&|()<>#]+))(?=[\s;&|)]|$)|\S)/g)) {
    const word = match[1] ?? match[2] ?? match[3];
    if (word === undefined) break;
    words.push(word);
  }
  return words;
}

function parseCall(words: readonly string[]): Alternative | undefined {
  const install = words.indexOf("--install");
  if (install < 0) return undefined;
  const master = linkOf(words.slice(install + 1));
  const priority = Number(words[install + 4]);
  if (master === undefined || !Number.isInteger(priority)) return undefined;
  const slaves: Link[] = [];
  for (let at = install + 5; words[at] === "--slave" || words[at] === "--follower"; at += 4) {
    const slave = linkOf(words.slice(at + 1));
    if (slave !== undefined) slaves.push(slave);
  }
  return { ...master, priority, slaves };
}

function linkOf([link, name, path]: readonly string[]): Link | undefined {
  if (!isPlainPath(link) || !isPlainPath(path) || name === undefined || !/^[^/\s]+$/.test(name)) return undefined;
  return { link, name, path };
}

/** Absolute, without "." or ".." and without empty components. */
function isPlainPath(path: string | undefined): path is string {
  return path !== undefined && /^(?:\/(?!\.{1,2}(?:\/|$))[^/]+)+$/.test(path);
}
