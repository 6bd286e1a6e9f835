import { type ByteString, byteString } from "../../base/bytes.ts";

/** As much of a file as Linux looks at to tell what it is (BINPRM_BUF_SIZE). */
export const HEAD_BYTES = 256;

/** What a script's first line says. */
export interface ScriptLine {
  readonly interpreter: ByteString;
  /** All the rest of the line, as one argument. */
  readonly argument: ByteString | undefined;
}

/** Whether a file begins with "#!". */
export function isScript(head: Uint8Array): boolean {
  return head[0] === 0x23 && head[1] === 0x21;
}

/** Reads the first line of a script, given the first {@link HEAD_BYTES}; undefined is ENOEXEC (load_script of fs/binfmt_script.c). */
export function parseScript(head: Uint8Array): ScriptLine | undefined {
  const text = byteString(head.subarray(2, HEAD_BYTES));
  const newline = text.indexOf("\n");
  const nul = text.indexOf("\0");
  const cut = newline < 0 && nul < 0 && head.length >= HEAD_BYTES;
  const line = newline >= 0 ? text.slice(0, newline) : nul >= 0 ? text.slice(0, nul) : text;
  const trimmed = line.replace(/^[ \t]+|[ \t]+$/g, "");
  if (trimmed === "") return undefined;
  const space = trimmed.search(/[ \t]/);
  // An interpreter's name that may have been cut off by the limit must not be run; a cut argument may.
  if (cut && !/[ \t]/.test(line.replace(/^[ \t]+/, ""))) return undefined;
  if (space < 0) return { interpreter: trimmed as ByteString, argument: undefined };
  const argument = trimmed.slice(space).replace(/^[ \t]+/, "");
  return {
    interpreter: trimmed.slice(0, space) as ByteString,
    argument: argument === "" ? undefined : (argument as ByteString),
  };
}
