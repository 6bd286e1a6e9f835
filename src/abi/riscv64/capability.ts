/** Layouts of linux/capability.h. */
import { i32, struct, u32 } from "../../base/struct.ts";

/** struct __user_cap_header_struct. */
export const capHeader = struct({ version: u32, pid: i32 });

/** struct __user_cap_data_struct: 32 capabilities of each kind. */
export const capData = struct({ effective: u32, permitted: u32, inheritable: u32 });
