/** struct robust_list_head (linux/futex.h). */
import { i64, struct, u64 } from "../../base/struct.ts";

export const robustListHead = struct({ next: u64, futexOffset: i64, pending: u64 });
