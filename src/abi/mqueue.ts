/** POSIX message queues (linux/mqueue.h, linux/ipc_namespace.h). */

/** Priorities are below this. */
export const MQ_PRIO_MAX = 32_768;

/** Limits as Linux sets them first (/proc/sys/fs/mqueue), and those that nobody passes. */
export const MQ_LIMIT = {
  QUEUES: 256,
  MESSAGES: 10,
  MESSAGE_SIZE: 8192,
  HARD_MESSAGES: 65_536,
  HARD_MESSAGE_SIZE: 16 * 1024 * 1024,
} as const;

/** Bytes of the message of mq_notify(2) with SIGEV_THREAD; the last one says what happened. */
export const NOTIFY_COOKIE_BYTES = 32;
export const NOTIFY = { WOKENUP: 1, REMOVED: 2 } as const;
