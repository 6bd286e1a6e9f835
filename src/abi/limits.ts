/** Sizes that no call exceeds (linux/limits.h, linux/fs.h, linux/uio.h). */

/** Bytes of a path, its NUL included. */
export const PATH_MAX = 4096;
/** Bytes of one component. */
export const NAME_MAX = 255;
/** Bytes that a pipe takes at once or not at all. */
export const PIPE_BUF = 4096;
/** What a user without CAP_SYS_RESOURCE may make a pipe hold: /proc/sys/fs/pipe-max-size as Linux sets it first. */
export const PIPE_MAX_SIZE = 1 << 20;
/** Elements of an iovec array. */
export const IOV_MAX = 1024;
/** As much as one read or write moves (MAX_RW_COUNT): longer ones are shortened. */
export const MAX_RW_COUNT = 0x7fff_f000;
/** Symbolic links followed in one walk (MAXSYMLINKS in linux/namei.h). */
export const MAX_SYMLINKS = 40;
/** A value of an extended attribute (XATTR_SIZE_MAX in linux/limits.h), and its name. */
export const XATTR_SIZE_MAX = 65536;
export const XATTR_NAME_MAX = 255;
