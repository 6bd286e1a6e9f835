/** `--user`: whom a program acts for, in the notations of docker run(1). */
import { DrupeError, type RootTree } from "../api/index.ts";
import { utf8Encode } from "../base/bytes.ts";
import { lookUp } from "../image/index.ts";

export interface GuestUser {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  /** Home directory; `/` of somebody whom nobody knows. */
  readonly home: string;
}

/**
 * Finds the user that `UID[:GID]` or `NAME[:GROUP]` means: names, and the groups of one without a group of its own choice,
 * are looked for in the root's passwd(5) and group(5).
 *
 * @throws {DrupeError} for a name that is not there.
 */
export function findUser(spec: string, root: RootTree | undefined): GuestUser {
  const [user = "", group] = spec.split(":");
  const people = table(root, "etc/passwd");
  const groups = table(root, "etc/group");
  const person = people.find(([name, , uid]) => name === user || uid === user);
  const uid = Number(person?.[2] ?? idOf(user, "user", "/etc/passwd"));
  const home = person?.[5] || "/";
  if (group !== undefined) {
    const named = groups.find(([name, , gid]) => name === group || gid === group);
    return { uid, gid: Number(named?.[2] ?? idOf(group, "group", "/etc/group")), groups: [], home };
  }
  const members = groups.filter(([, , , list = ""]) => person !== undefined && list.split(",").includes(person[0]!));
  return { uid, gid: Number(person?.[3] ?? 0), groups: members.map(([, , gid]) => Number(gid)), home };
}

function idOf(text: string, what: string, file: string): number {
  if (/^\d+$/.test(text) && Number(text) < 0xffff_ffff) return Number(text);
  throw new DrupeError(`there is no ${what} "${text}" in ${file}`, "Give a number, or a name that the root has.");
}

/** The rows of a table with colons between its columns. */
function table(root: RootTree | undefined, path: string): readonly (readonly string[])[] {
  const entry = root === undefined ? undefined : lookUp(root.entries, utf8Encode(path))?.entry;
  const text = entry?.type === "file" ? Buffer.from(entry.read()).toString() : "";
  return text.split("\n").flatMap((line) => (line === "" ? [] : [line.split(":")]));
}
