/** Options of wait4(2) and waitid(2) (linux/wait.h). */
export const W = {
  NOHANG: 0x0000_0001,
  UNTRACED: 0x0000_0002,
  STOPPED: 0x0000_0002,
  EXITED: 0x0000_0004,
  CONTINUED: 0x0000_0008,
  NOWAIT: 0x0100_0000,
  NOTHREAD: 0x2000_0000,
  ALL: 0x4000_0000,
  CLONE: 0x8000_0000,
} as const;

/** Kinds of id that waitid(2) takes. */
export const P = { ALL: 0, PID: 1, PGID: 2, PIDFD: 3 } as const;
