/** System V IPC: segments, semaphores, message queues (linux/ipc.h, linux/shm.h, linux/sem.h, linux/msg.h). */

/** Keys, and flags of the calls that make and use objects; the low nine bits of the flags are permissions. */
export const IPC = { PRIVATE: 0, CREAT: 0o1000, EXCL: 0o2000, NOWAIT: 0o4000 } as const;

/** Commands that all three kinds know. */
const COMMAND = { IPC_RMID: 0, IPC_SET: 1, IPC_STAT: 2, IPC_INFO: 3 } as const;

/** Flags of shmget(2). */
export const SHM_MAKE = { HUGETLB: 0o4000, NORESERVE: 0o10000 } as const;

/** Flags of shmat(2). */
export const SHM = { RDONLY: 0o10000, RND: 0o20000, REMAP: 0o40000, EXEC: 0o100000 } as const;

export const SHMCTL = {
  ...COMMAND,
  SHM_LOCK: 11,
  SHM_UNLOCK: 12,
  SHM_STAT: 13,
  SHM_INFO: 14,
  SHM_STAT_ANY: 15,
} as const;

/** Bits of shm_perm.mode beside permissions. */
export const SHM_MODE = { DEST: 0o1000, LOCKED: 0o2000 } as const;

/** Flag of an operation of semop(2), beside IPC_NOWAIT. */
export const SEM_UNDO = 0x1000;

export const SEMCTL = {
  ...COMMAND,
  GETPID: 11,
  GETVAL: 12,
  GETALL: 13,
  GETNCNT: 14,
  GETZCNT: 15,
  SETVAL: 16,
  SETALL: 17,
  SEM_STAT: 18,
  SEM_INFO: 19,
  SEM_STAT_ANY: 20,
} as const;

/** Flags of msgrcv(2), beside IPC_NOWAIT. */
export const MSG_RECEIVE = { NOERROR: 0o10000, EXCEPT: 0o20000, COPY: 0o40000 } as const;

export const MSGCTL = { ...COMMAND, MSG_STAT: 11, MSG_INFO: 12, MSG_STAT_ANY: 13 } as const;

/** Limits as Linux sets them first: /proc/sys/kernel/shmmni and its kin. Segments are as good as unlimited in size. */
const AS_GOOD_AS_UNLIMITED = 2n ** 64n - 1n - 2n ** 24n;
export const SHM_LIMIT = { MNI: 4096, MIN: 1, MAX: AS_GOOD_AS_UNLIMITED, ALL: AS_GOOD_AS_UNLIMITED } as const;
export const SEM_LIMIT = {
  MSL: 32_000,
  MNS: 1_024_000_000,
  OPM: 500,
  MNI: 32_000,
  VMX: 32_767,
  AEM: 32_767,
  USZ: 20,
} as const;
export const MSG_LIMIT = { MAX: 8192, MNB: 16_384, MNI: 32_000, POOL: 512_000, SSZ: 16, SEG: 0xffff } as const;
