/** Descriptors of processes (linux/pidfd.h). */
export const PIDFD = { NONBLOCK: 0o4000, THREAD: 0o200 } as const;

/** pidfd_send_signal(2): to whom, if not to what the descriptor was made for. */
export const PIDFD_SIGNAL = { THREAD: 1, THREAD_GROUP: 2, PROCESS_GROUP: 4 } as const;
