import { i32, struct } from "../../base/struct.ts";

/** struct f_owner_ex (asm-generic/fcntl.h) */
export const ownerLayout = struct({ type: i32, pid: i32 });
