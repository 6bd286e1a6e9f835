/** What open(2)'s flags ask for, checked and taken apart once: build_open_flags() in fs/open.c. */
import { EAGAIN, EINVAL, type Result } from "../../abi/errno.ts";
import { O, O_TMPFILE_BIT, O_VALID, RESOLVE } from "../../abi/fcntl.ts";
import { S } from "../../abi/stat.ts";
import { MAY } from "./permission.ts";

export interface OpenRequest {
  /** Status flags of the file, as F_GETFL will show them, and O_NOCTTY for whoever opens a terminal. */
  readonly flags: number;
  readonly closeOnExec: boolean;
  readonly create: boolean;
  readonly exclusive: boolean;
  readonly truncate: boolean;
  readonly unnamed: boolean;
  readonly directory: boolean;
  readonly follow: boolean;
  readonly pathOnly: boolean;
  /** Permissions of a new file, before the umask. */
  readonly mode: number;
  /** MAY_* bits that the file must allow. */
  readonly access: number;
  readonly resolve: number;
}

const PATH_FLAGS = O.DIRECTORY | O.NOFOLLOW | O.PATH | O.CLOEXEC;
const OPEN_ONLY = O.CREAT | O.EXCL | O.TRUNC | O.CLOEXEC;

/** Flags of openat(2): what is not known is ignored. */
export function lenient(flags: number, mode: number): Result<OpenRequest> {
  const known = (flags & O_VALID) | O.LARGEFILE;
  const creates = known & (O.CREAT | O_TMPFILE_BIT);
  return parse(known & O.PATH ? known & PATH_FLAGS : known, creates ? mode & S.ALL : 0, 0);
}

const RESOLVE_VALID = Object.values(RESOLVE).reduce((all, bit) => all | bit, 0);

/** Flags of openat2(2): what is not known, or has no effect, is refused. */
export function strict(flags: number, mode: number, resolve: number): Result<OpenRequest> {
  if (flags > 0xffff_ffff || flags & ~O_VALID || resolve & ~RESOLVE_VALID || resolve > 0xffff_ffff) return EINVAL;
  if (resolve & RESOLVE.BENEATH && resolve & RESOLVE.IN_ROOT) return EINVAL;
  const creates = flags & (O.CREAT | O_TMPFILE_BIT);
  if (creates ? mode > S.ALL : mode !== 0) return EINVAL;
  if (flags & O.PATH && flags & ~PATH_FLAGS) return EINVAL;
  if (resolve & RESOLVE.CACHED && flags & (O.TRUNC | O.CREAT | O_TMPFILE_BIT)) return EAGAIN;
  return parse(flags & O.PATH ? flags : flags | O.LARGEFILE, mode, resolve);
}

function parse(flags: number, mode: number, resolve: number): Result<OpenRequest> {
  if ((flags & (O.DIRECTORY | O.CREAT)) === (O.DIRECTORY | O.CREAT)) return EINVAL;
  const unnamed = (flags & O_TMPFILE_BIT) !== 0;
  if (unnamed && (!(flags & O.DIRECTORY) || (flags & O.ACCMODE) === 0)) return EINVAL;
  const pathOnly = (flags & O.PATH) !== 0;
  const exclusive = (flags & O.EXCL) !== 0;
  const create = (flags & O.CREAT) !== 0;
  const accesses = [MAY.READ, MAY.WRITE, MAY.READ | MAY.WRITE, MAY.READ | MAY.WRITE];
  const access = pathOnly ? 0 : accesses[flags & O.ACCMODE]! | (flags & O.TRUNC ? MAY.WRITE : 0);
  return {
    flags: flags & ~OPEN_ONLY,
    closeOnExec: (flags & O.CLOEXEC) !== 0,
    create,
    exclusive,
    truncate: (flags & O.TRUNC) !== 0,
    unnamed,
    directory: (flags & O.DIRECTORY) !== 0,
    follow: !(flags & O.NOFOLLOW) && !(create && exclusive),
    pathOnly,
    mode,
    access,
    resolve,
  };
}
