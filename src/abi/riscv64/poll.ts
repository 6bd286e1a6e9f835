import { i16, i32, struct, u64 } from "../../base/struct.ts";

/** struct pollfd (asm-generic/poll.h) */
export const pollfdLayout = struct({ fd: i32, events: i16, revents: i16 });

/** The sixth argument of pselect6(2) and what it points to: a mask and its size. */
export const sigsetArgumentLayout = struct({ mask: u64, size: u64 });
