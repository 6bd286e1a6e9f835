/** Flags of getrandom(2) (linux/random.h). */
export const GRND = { NONBLOCK: 1, RANDOM: 2, INSECURE: 4 } as const;
