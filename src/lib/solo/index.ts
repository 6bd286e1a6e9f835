/** A machine with one program and no files: all that some programs need. */
import { EACCES, ENOENT, type Result } from "../../abi/errno.ts";
import type { ByteString } from "../../base/bytes.ts";
import { type ExecutableFile, executableOpener } from "../../kernel/hooks.ts";
import { defineLibrary, type Library } from "../../kernel/library.ts";

/** What there is to run. */
export interface SoloProgram {
  /** Absolute. */
  readonly path: ByteString;
  readonly content: Uint8Array;
  /** Hex digest of the content. */
  readonly digest: string;
}

/** Makes the library of one image that has this program and no file system. Another name is ENOENT. */
export function solo(program: SoloProgram): Library {
  const file = executable(program);
  return defineLibrary({
    name: "solo",
    summary: "one program, and no file system",
    extends: [
      executableOpener.with((_process, path): Result<ExecutableFile> => {
        if (path === program.path) return file;
        return path === "/" ? EACCES : ENOENT;
      }),
    ],
  });
}

function executable({ path, content, digest }: SoloProgram): ExecutableFile {
  const read = (offset: number, into: Uint8Array): number => {
    const part = content.subarray(offset, offset + into.length);
    into.set(part);
    return part.length;
  };
  const size = content.length;
  return { path, size, read, mappable: { name: path, size, inode: 1, device: 1, read, contentKey: () => digest } };
}
