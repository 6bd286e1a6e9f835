/** struct inotify_event without the name behind it (linux/inotify.h). */
import { i32, type StructOf, struct, u32 } from "../../base/struct.ts";

export const inotifyEvent = struct({ wd: i32, mask: u32, cookie: u32, length: u32 });

export type InotifyEvent = StructOf<typeof inotifyEvent>;
