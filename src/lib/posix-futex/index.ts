import { onTaskExit } from "../../kernel/hooks.ts";
import { defineLibrary } from "../../kernel/library.ts";
import { posixProcess } from "../posix-process/index.ts";
import { onPriorityChange, posixSched } from "../posix-sched/index.ts";
import { posixTime } from "../posix-time/index.ts";
import { posixUser } from "../posix-user/index.ts";
import { futex } from "./futex.ts";
import { futexRequeue, futexWait, futexWake } from "./futex2.ts";
import { reorder } from "./pi-lock.ts";
import { getRobustList, setRobustList } from "./robust-list.ts";
import { releaseFutexes } from "./task-exit.ts";
import { futexWaitv } from "./waitv.ts";

export const posixFutex = defineLibrary({
  name: "posix-futex",
  summary: "sleeping on words of memory: mutexes, conditions, priority inheritance, robust locks, joining threads",
  needs: [posixTime, posixUser, posixSched, posixProcess],
  syscalls: [futex, futexWait, futexWake, futexRequeue, futexWaitv, setRobustList, getRobustList],
  extends: [onTaskExit.with(releaseFutexes), onPriorityChange.with(reorder)],
});
