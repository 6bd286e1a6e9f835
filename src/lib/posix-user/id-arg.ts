import { Errno, type Result } from "../../abi/errno.ts";
import type { GuestPtr } from "../../abi/types.ts";
import type { Arg } from "../../kernel/syscall.ts";
import type { UserMemory } from "../../kernel/user-memory.ts";

/** The id -1: leave it as it is, or invalid. */
export const KEEP = 0xffff_ffff;

/** uid_t or gid_t; strace prints the special one as -1. */
export function idArg<Id extends number>(): Arg<Id> {
  return { decode: "u32", format: (id) => (id === KEEP ? "-1" : `${id}`) };
}

/** Prints an id that a call stored: `[0]`. */
export function formatId(id: number): string {
  return `[${id}]`;
}

/** Writes each id to its place; the first that cannot be written ends it. */
export function writeIds(mm: UserMemory, places: readonly (readonly [GuestPtr, number])[]): Result<number> {
  for (const [at, id] of places) {
    const written = mm.writeU32(at, id);
    if (written instanceof Errno) return written;
  }
  return 0;
}
