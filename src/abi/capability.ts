/** Capabilities (linux/capability.h). */
export const CAP = {
  CHOWN: 0,
  DAC_OVERRIDE: 1,
  DAC_READ_SEARCH: 2,
  FOWNER: 3,
  FSETID: 4,
  KILL: 5,
  SETGID: 6,
  SETUID: 7,
  SETPCAP: 8,
  LINUX_IMMUTABLE: 9,
  NET_BIND_SERVICE: 10,
  NET_BROADCAST: 11,
  NET_ADMIN: 12,
  NET_RAW: 13,
  IPC_LOCK: 14,
  IPC_OWNER: 15,
  SYS_MODULE: 16,
  SYS_RAWIO: 17,
  SYS_CHROOT: 18,
  SYS_PTRACE: 19,
  SYS_PACCT: 20,
  SYS_ADMIN: 21,
  SYS_BOOT: 22,
  SYS_NICE: 23,
  SYS_RESOURCE: 24,
  SYS_TIME: 25,
  SYS_TTY_CONFIG: 26,
  MKNOD: 27,
  LEASE: 28,
  AUDIT_WRITE: 29,
  AUDIT_CONTROL: 30,
  SETFCAP: 31,
  MAC_OVERRIDE: 32,
  MAC_ADMIN: 33,
  SYSLOG: 34,
  WAKE_ALARM: 35,
  BLOCK_SUSPEND: 36,
  AUDIT_READ: 37,
  PERFMON: 38,
  BPF: 39,
  CHECKPOINT_RESTORE: 40,
} as const;

export type Capability = (typeof CAP)[keyof typeof CAP];

export const CAP_LAST_CAP = 40;

/** Versions of struct __user_cap_header_struct; all but the first describe 64 capabilities in two structs. */
export const LINUX_CAPABILITY_VERSION = { V1: 0x1998_0330, V2: 0x2007_1026, V3: 0x2008_0522 } as const;

/** Bits of prctl(PR_SET_SECUREBITS) (linux/securebits.h): each has a lock one above it. */
export const SECBIT = { NOROOT: 1, NO_SETUID_FIXUP: 4, KEEP_CAPS: 16, NO_CAP_AMBIENT_RAISE: 64 } as const;
