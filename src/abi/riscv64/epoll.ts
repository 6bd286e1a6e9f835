import { bits64, struct, u32 } from "../../base/struct.ts";

/** struct epoll_event: 16 bytes on riscv64 (packed to 12 on x86-64 alone; linux/eventpoll.h). */
export const epollEventLayout = struct({ events: u32, data: bits64 });
