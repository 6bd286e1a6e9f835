import { defineLibrary } from "../../kernel/library.ts";
import {
  adjtimex,
  clockAdjtime,
  clockGetres,
  clockGettime,
  clockSettime,
  gettimeofday,
  settimeofday,
} from "./clock-calls.ts";
import { clockNanosleep, nanosleep } from "./sleep.ts";

export { type Clock, clockOf, instantAfter, instantOf, readClock } from "./clocks.ts";
export { type Deadline, hasPassed, readClockDeadline, readDeadline, wakeTime } from "./deadline.ts";
export {
  clockArg,
  isValidTimespec,
  itimerspecIn,
  itimerspecOut,
  itimervalIn,
  itimervalOut,
  nanosecondsOf,
  timespecIn,
  timespecOf,
  timespecOut,
} from "./time-args.ts";

export const posixTime = defineLibrary({
  name: "posix-time",
  summary: "clocks and sleeping",
  syscalls: [
    clockGettime,
    clockGetres,
    clockSettime,
    clockAdjtime,
    adjtimex,
    gettimeofday,
    settimeofday,
    nanosleep,
    clockNanosleep,
  ],
});
