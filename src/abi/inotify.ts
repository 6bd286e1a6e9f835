/** What is told of files (linux/inotify.h). */

/** Kinds of events; more than one are a mask. */
export const IN = {
  ACCESS: 0x001,
  MODIFY: 0x002,
  ATTRIB: 0x004,
  CLOSE_WRITE: 0x008,
  CLOSE_NOWRITE: 0x010,
  OPEN: 0x020,
  MOVED_FROM: 0x040,
  MOVED_TO: 0x080,
  CREATE: 0x100,
  DELETE: 0x200,
  DELETE_SELF: 0x400,
  MOVE_SELF: 0x800,
} as const;

/** What events say beside their kind. */
export const IN_EVENT = { Q_OVERFLOW: 0x4000, IGNORED: 0x8000, ISDIR: 0x4000_0000 } as const;

/** Flags of inotify_add_watch(2). */
export const IN_WATCH = {
  ONLYDIR: 0x0100_0000,
  DONT_FOLLOW: 0x0200_0000,
  EXCL_UNLINK: 0x0400_0000,
  MASK_CREATE: 0x1000_0000,
  MASK_ADD: 0x2000_0000,
  ONESHOT: 0x8000_0000,
} as const;

export const IN_ALL_EVENTS = 0xfff;

/** Flags of inotify_init1(2). */
export const IN_INIT = { NONBLOCK: 0o4000, CLOEXEC: 0o2000000 } as const;

/** Limits: /proc/sys/fs/inotify. */
export const IN_LIMIT = { QUEUED: 16_384, INSTANCES: 128, WATCHES: 65_536 } as const;
