/** struct futex_waitv (linux/futex.h). */
import { struct, u32, u64 } from "../../base/struct.ts";

export const futexWaitv = struct({ value: u64, address: u64, flags: u32, reserved: u32 });
