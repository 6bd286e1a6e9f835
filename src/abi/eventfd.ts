/** eventfd(2) (linux/eventfd.h). */
export const EFD = { SEMAPHORE: 1, CLOEXEC: 0o2000000, NONBLOCK: 0o4000 } as const;
