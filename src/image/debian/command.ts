/** Which program `debian:PACKAGE[/COMMAND]` means. */
import { type ByteString, utf8Decode, utf8Encode } from "../../base/bytes.ts";
import { ImageError } from "../image-error.ts";
import type { RootBuilder } from "../root-tree.ts";

/** Where a shell of root's would look, and games(6). */
const BIN_DIRECTORIES = ["usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin", "sbin", "bin", "usr/games"];

/**
 * Finds the program's absolute path: the COMMAND if one is named (an absolute path after a second slash), else the
 * executable called as the package, else the package's only one. `own` are the paths of the package's own files.
 */
export function findCommand(
  builder: RootBuilder,
  packageName: string,
  command: string | undefined,
  own: readonly ByteString[],
): ByteString | ImageError {
  const candidates = own.filter((path) => inBinDirectory(path) && isExecutable(builder, path));
  if (command !== undefined) {
    const found = command.includes("/") ? atPath(builder, command) : inDirectories(builder, command);
    return (
      found ??
      noCommand(`the package ${packageName} and those it needs have no program ${command}`, packageName, candidates)
    );
  }
  const named = inDirectories(builder, packageName);
  if (named !== undefined) return named;
  if (candidates.length === 1) return `/${candidates[0]!}` as ByteString;
  const what = candidates.length === 0 ? "has no program" : "has more than one program";
  return noCommand(`the package ${packageName} ${what}`, packageName, candidates);
}

function noCommand(message: string, packageName: string, candidates: readonly ByteString[]): ImageError {
  if (candidates.length === 0)
    return new ImageError(message, "Name a package that has one, or the path of a file in it.");
  const names = candidates.map((path) => utf8Decode(path.slice(path.lastIndexOf("/") + 1) as ByteString)).sort();
  return new ImageError(
    message,
    `Name one of its programs, as debian:${packageName}/${names[0]}: ${names.join(", ")}.`,
  );
}

function inDirectories(builder: RootBuilder, name: string): ByteString | undefined {
  const directory = BIN_DIRECTORIES.find((path) => isExecutable(builder, utf8Encode(`${path}/${name}`)));
  return directory === undefined ? undefined : utf8Encode(`/${directory}/${name}`);
}

function atPath(builder: RootBuilder, command: string): ByteString | undefined {
  const path = utf8Encode(command.replace(/^\/*/, "/"));
  return isExecutable(builder, path) ? path : undefined;
}

function inBinDirectory(path: ByteString): boolean {
  return BIN_DIRECTORIES.includes(path.slice(0, Math.max(path.lastIndexOf("/"), 0)));
}

function isExecutable(builder: RootBuilder, path: ByteString): boolean {
  const entry = builder.resolve(path)?.entry;
  return entry?.type === "file" && (entry.mode & 0o111) !== 0;
}
