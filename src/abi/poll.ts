/** poll(2), select(2) and epoll(7) (asm-generic/poll.h, linux/eventpoll.h). */

export const POLL = {
  IN: 0x001,
  PRI: 0x002,
  OUT: 0x004,
  ERR: 0x008,
  HUP: 0x010,
  NVAL: 0x020,
  RDNORM: 0x040,
  RDBAND: 0x080,
  WRNORM: 0x100,
  WRBAND: 0x200,
  MSG: 0x400,
  RDHUP: 0x2000,
} as const;

/** Readable and writable without waiting, as a regular file always is (DEFAULT_POLLMASK). */
export const POLL_ALWAYS = POLL.IN | POLL.OUT | POLL.RDNORM | POLL.WRNORM;
export const POLL_READABLE = POLL.IN | POLL.RDNORM;
export const POLL_WRITABLE = POLL.OUT | POLL.WRNORM;

export const EPOLL = { CLOEXEC: 0o2000000 } as const;
export const EPOLL_CTL = { ADD: 1, DEL: 2, MOD: 3 } as const;
/** Modes of a registration, beside the POLL bits. */
export const EPOLL_MODE = {
  EXCLUSIVE: 0x1000_0000,
  WAKEUP: 0x2000_0000,
  ONESHOT: 0x4000_0000,
  ET: 0x8000_0000,
} as const;

/** select(2): descriptors of an fd_set. */
export const FD_SETSIZE = 1024;
