/** Who may do what with a file (generic_permission and its kin in fs/namei.c). */
import { CAP } from "../../abi/capability.ts";
import { EACCES, EPERM, type Errno } from "../../abi/errno.ts";
import { S } from "../../abi/stat.ts";
import type { Gid } from "../../abi/types.ts";
import type { Process } from "../../kernel/process.ts";
import type { Attributes } from "../posix-fdtab/index.ts";
import { type Credentials, credentialsOf, hasCapability, includesCapability, isInGroup } from "../posix-user/index.ts";

/** What is asked for: bits of the "other" class, as in a mode and in access(2). */
export const MAY = { EXEC: 1, WRITE: 2, READ: 4 } as const;

/** Checks the mode bits; EACCES if they do not allow it and no capability overrides them. */
export function checkAccess(process: Process, of: Attributes, wanted: number): Errno | undefined {
  return accessFor(credentialsOf(process), of, wanted);
}

/** The same for other credentials, as access(2) asks with the real ids. */
export function accessFor(
  who: Pick<Credentials, "fsuid" | "fsgid" | "groups" | "effective">,
  of: Attributes,
  wanted: number,
): Errno | undefined {
  const shift = who.fsuid === of.uid ? 6 : who.fsgid === of.gid || who.groups.includes(of.gid as Gid) ? 3 : 0;
  if (((of.mode >> shift) & wanted) === wanted) return undefined;
  const directory = (of.mode & S.IFMT) === S.IFDIR;
  const executes = (wanted & MAY.EXEC) !== 0;
  // Nobody executes a file that is executable for no one.
  if (includesCapability(who.effective, CAP.DAC_OVERRIDE) && (!executes || directory || of.mode & 0o111))
    return undefined;
  const reads = directory ? (wanted & MAY.WRITE) === 0 : wanted === MAY.READ;
  return reads && includesCapability(who.effective, CAP.DAC_READ_SEARCH) ? undefined : EACCES;
}

/** Whether the process owns the file, or may act as if it did. */
export function ownsFile(process: Process, of: Attributes): boolean {
  return credentialsOf(process).fsuid === of.uid || hasCapability(process, CAP.FOWNER);
}

/**
 * Checks that an entry of a directory may be removed or replaced: may_delete() of Linux. In a sticky directory only the
 * owner of the file or of the directory does that.
 */
export function checkDelete(process: Process, directory: Attributes, victim: Attributes): Errno | undefined {
  const refused = checkAccess(process, directory, MAY.WRITE | MAY.EXEC);
  if (refused !== undefined) return refused;
  if (!(directory.mode & S.ISVTX)) return undefined;
  return credentialsOf(process).fsuid === directory.uid || ownsFile(process, victim) ? undefined : EPERM;
}

/** Set-group-ID goes when a file is given to a group that the process is not in, or its mode set so (setattr_prepare). */
export function allowedMode(process: Process, of: Attributes, mode: number): number {
  const keeps = isInGroup(process, of.gid as Gid) || hasCapability(process, CAP.FSETID);
  return keeps ? mode & S.ALL : mode & S.ALL & ~S.ISGID;
}
