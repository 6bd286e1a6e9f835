import { onTaskExit } from "../../kernel/hooks.ts";
import { defineLibrary } from "../../kernel/library.ts";
import { posixProcess } from "../posix-process/index.ts";
import { posixTime } from "../posix-time/index.ts";
import { posixUser } from "../posix-user/index.ts";
import { clearTidAndWake, futex } from "./futex.ts";
import { getRobustList, setRobustList } from "./robust-list.ts";

export const posixFutex = defineLibrary({
  name: "posix-futex",
  summary: "sleeping on words of memory, beneath mutexes and conditions",
  needs: [posixProcess, posixTime, posixUser],
  syscalls: [futex, setRobustList, getRobustList],
  extends: [onTaskExit.with(clearTidAndWake)],
});
