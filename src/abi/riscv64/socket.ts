/** Structs of socket calls (linux/socket.h). */
import { i32, struct, u32, u64 } from "../../base/struct.ts";

export const msghdr = struct({
  name: u64,
  nameLength: i32,
  vector: u64,
  vectorLength: u64,
  control: u64,
  controlLength: u64,
  flags: u32,
});

export const cmsghdr = struct({ length: u64, level: i32, type: i32 });

/** Ancillary messages are aligned to this. */
export const CMSG_ALIGN = 8;

export const ucred = struct({ pid: i32, uid: u32, gid: u32 });

export const linger = struct({ on: i32, seconds: i32 });

/** struct mmsghdr: a message, and how many bytes of it were moved. */
export const mmsghdr = struct({ header: msghdr, length: u32 });
