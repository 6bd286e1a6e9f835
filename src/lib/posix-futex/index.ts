import { defineLibrary } from "../../kernel/library.ts";
import { posixTime } from "../posix-time/index.ts";
import { posixUser } from "../posix-user/index.ts";
import { futex } from "./futex.ts";
import { getRobustList, setRobustList } from "./robust-list.ts";

export const posixFutex = defineLibrary({
  name: "posix-futex",
  summary: "sleeping on words of memory, beneath mutexes and conditions",
  needs: [posixTime, posixUser],
  syscalls: [futex, setRobustList, getRobustList],
});
