/** personality(2) (linux/personality.h). */
export const PER_LINUX = 0;
