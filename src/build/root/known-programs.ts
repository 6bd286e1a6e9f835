/** The programs that an image can ever load, read once and for all while it is built. */
import type { ByteString } from "../../base/bytes.ts";
import type { ChosenLibrary } from "../../entry/manifest.ts";
import { lookUp, type RootTree } from "../../image/index.ts";
import { type ElfImage, parseElf } from "../../kernel/loader/elf-image.ts";
import { LoadError } from "../../kernel/loader/load-error.ts";
import { catalogue } from "../libraries/catalogue.ts";

/** What the loader finds in files, by their paths. */
export type Programs = Readonly<Record<ByteString, ElfImage>>;

/** Reads a program and its dynamic linker; undefined if there may be others, or if it is no ELF file. */
export function knownPrograms(
  { entries }: RootTree,
  path: ByteString,
  libraries: readonly ChosenLibrary[],
): Programs | undefined {
  if (libraries.some(executesOthers)) return undefined;
  const read = (name: ByteString, role: "program" | "interpreter"): ElfImage | undefined => {
    const found = lookUp(entries, name)?.entry;
    if (found?.type !== "file") return undefined;
    const bytes = found.read();
    const readAt = (at: number, length: number) => new Uint8Array(bytes.subarray(at, at + length));
    const image = parseElf({ name, size: bytes.length, read: readAt }, role);
    return image instanceof LoadError ? undefined : image;
  };
  const program = read(path, "program");
  if (program?.interpreter === undefined) return program && { [path]: program };
  const linker = read(program.interpreter, "interpreter");
  return linker && { [path]: program, [program.interpreter]: linker };
}

function executesOthers({ name, without = [] }: ChosenLibrary): boolean {
  const calls = catalogue.get(name)?.syscalls ?? [];
  return calls.some((call) => (call.name === "execve" || call.name === "execveat") && !without.includes(call.name));
}
