/** Flags of clone(2) and clone3(2) (linux/sched.h). The low byte of clone's flags is the exit signal. */
export const CLONE = {
  NEWTIME: 0x0000_0080,
  VM: 0x0000_0100,
  FS: 0x0000_0200,
  FILES: 0x0000_0400,
  SIGHAND: 0x0000_0800,
  PIDFD: 0x0000_1000,
  PTRACE: 0x0000_2000,
  VFORK: 0x0000_4000,
  PARENT: 0x0000_8000,
  THREAD: 0x0001_0000,
  NEWNS: 0x0002_0000,
  SYSVSEM: 0x0004_0000,
  SETTLS: 0x0008_0000,
  PARENT_SETTID: 0x0010_0000,
  CHILD_CLEARTID: 0x0020_0000,
  DETACHED: 0x0040_0000,
  UNTRACED: 0x0080_0000,
  CHILD_SETTID: 0x0100_0000,
  NEWCGROUP: 0x0200_0000,
  NEWUTS: 0x0400_0000,
  NEWIPC: 0x0800_0000,
  NEWUSER: 0x1000_0000,
  NEWPID: 0x2000_0000,
  NEWNET: 0x4000_0000,
  IO: 0x8000_0000,
  /** clone3(2) only. */
  CLEAR_SIGHAND: 0x1_0000_0000,
  INTO_CGROUP: 0x2_0000_0000,
} as const;

/** The byte of clone(2)'s flags that is not a flag. */
export const CSIGNAL = 0xff;
