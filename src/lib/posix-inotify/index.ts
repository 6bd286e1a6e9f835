import { IN_LIMIT } from "../../abi/inotify.ts";
import { systemText } from "../../kernel/hooks.ts";
import { defineLibrary } from "../../kernel/library.ts";
import { posixFdio } from "../posix-fdio/index.ts";
import { posixFdtab } from "../posix-fdtab/index.ts";
import { posixUser } from "../posix-user/index.ts";
import { fileWatcher, vfs } from "../vfs/index.ts";
import { inotifyAddWatch, inotifyInit1, inotifyRmWatch } from "./inotify-calls.ts";
import { watcher } from "./watches.ts";

const setting = (name: string, value: number) => ({ path: `sys/fs/inotify/${name}`, read: () => `${value}\n` });

export const posixInotify = defineLibrary({
  name: "posix-inotify",
  summary: "being told what happens to files: inotify(7)",
  needs: [vfs, posixFdtab, posixFdio, posixUser],
  syscalls: [inotifyInit1, inotifyAddWatch, inotifyRmWatch],
  extends: [
    fileWatcher.with(watcher),
    systemText.with(setting("max_queued_events", IN_LIMIT.QUEUED)),
    systemText.with(setting("max_user_instances", IN_LIMIT.INSTANCES)),
    systemText.with(setting("max_user_watches", IN_LIMIT.WATCHES)),
  ],
});
