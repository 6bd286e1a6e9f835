/** Vectored reads and writes (linux/fs.h), pipes' and splice's flags (linux/splice.h). */
export const RWF = { HIPRI: 1, DSYNC: 2, SYNC: 4, NOWAIT: 8, APPEND: 16, NOAPPEND: 32 } as const;
export const SPLICE = { MOVE: 1, NONBLOCK: 2, MORE: 4, GIFT: 8 } as const;
