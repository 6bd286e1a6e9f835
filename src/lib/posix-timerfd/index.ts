import { defineLibrary } from "../../kernel/library.ts";
import { posixFdtab } from "../posix-fdtab/index.ts";
import { posixTime } from "../posix-time/index.ts";
import { timerfdCreate, timerfdGettime, timerfdSettime } from "./timerfd.ts";

export const posixTimerfd = defineLibrary({
  name: "posix-timerfd",
  summary: "timers that are read as files",
  needs: [posixFdtab, posixTime],
  syscalls: [timerfdCreate, timerfdSettime, timerfdGettime],
});
