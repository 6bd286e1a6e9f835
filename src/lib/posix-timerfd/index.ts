import { defineLibrary } from "../../kernel/library.ts";
import { posixFdtab } from "../posix-fdtab/index.ts";
import { posixTime } from "../posix-time/index.ts";
import { posixUser } from "../posix-user/index.ts";
import { timerfdCreate, timerfdGettime, timerfdSettime } from "./timerfd.ts";

export const posixTimerfd = defineLibrary({
  name: "posix-timerfd",
  summary: "timers that are read as files",
  needs: [posixFdtab, posixTime, posixUser],
  syscalls: [timerfdCreate, timerfdSettime, timerfdGettime],
});
