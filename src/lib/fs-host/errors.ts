import * as errno from "../../abi/errno.ts";
import { HostError, type HostErrorCode } from "../../kernel/host.ts";

const ERRNOS: Readonly<Record<HostErrorCode, errno.Errno>> = {
  ENOENT: errno.ENOENT,
  EACCES: errno.EACCES,
  EPERM: errno.EPERM,
  EEXIST: errno.EEXIST,
  ENOTDIR: errno.ENOTDIR,
  EISDIR: errno.EISDIR,
  ENOTEMPTY: errno.ENOTEMPTY,
  ENOSPC: errno.ENOSPC,
  EROFS: errno.EROFS,
  EIO: errno.EIO,
  ELOOP: errno.ELOOP,
  EXDEV: errno.EXDEV,
  EMFILE: errno.EMFILE,
  ENAMETOOLONG: errno.ENAMETOOLONG,
  EBUSY: errno.EBUSY,
  EINVAL: errno.EINVAL,
  ENOTSUP: errno.EOPNOTSUPP,
};

/** Turns what the host refused into the errno of the same name. */
export function orErrno<T>(answer: T): errno.Result<Exclude<T, HostError>> {
  return answer instanceof HostError ? ERRNOS[answer.code] : (answer as Exclude<T, HostError>);
}
