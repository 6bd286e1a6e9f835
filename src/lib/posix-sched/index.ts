import { defineLibrary } from "../../kernel/library.ts";
import { posixProcess } from "../posix-process/index.ts";
import { posixUser } from "../posix-user/index.ts";
import { getcpu, schedGetaffinity, schedSetaffinity, schedYield } from "./affinity.ts";
import { schedGetattr, schedSetattr } from "./attributes.ts";
import {
  schedGetPriorityMax,
  schedGetPriorityMin,
  schedGetparam,
  schedGetscheduler,
  schedRrGetInterval,
  schedSetparam,
  schedSetscheduler,
} from "./policy.ts";
import { getpriority, setpriority } from "./priority.ts";

export {
  effectivePriority,
  FAIR_PRIORITY,
  lendPriority,
  normalPriority,
  onPriorityChange,
  scheduling,
} from "./effective-priority.ts";

export const posixSched = defineLibrary({
  name: "posix-sched",
  summary: "scheduling policies, priorities and processor affinity, for one processor",
  needs: [posixProcess, posixUser],
  syscalls: [
    schedYield,
    schedGetaffinity,
    schedSetaffinity,
    getcpu,
    schedGetscheduler,
    schedSetscheduler,
    schedGetparam,
    schedSetparam,
    schedSetattr,
    schedGetattr,
    schedGetPriorityMax,
    schedGetPriorityMin,
    schedRrGetInterval,
    getpriority,
    setpriority,
  ],
});
