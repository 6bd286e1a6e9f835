import { SIG } from "../../abi/signal.ts";
import { defineLibrary } from "../../kernel/library.ts";
import { onLimitChange, posixProcess } from "../posix-process/index.ts";
import { posixSignal, signalObserver } from "../posix-signal/index.ts";
import { posixTime } from "../posix-time/index.ts";
import { watchCpuLimit } from "./cpu-limit.ts";
import { alarmTaken, getitimer, setitimer } from "./itimer.ts";
import { timerSignalTaken } from "./posix-timer.ts";
import { timerCreate, timerDelete, timerGetoverrun, timerGettime, timerSettime } from "./timer-calls.ts";

export const posixTimer = defineLibrary({
  name: "posix-timer",
  summary: "timers that send signals, and the limit of processor time",
  needs: [posixProcess, posixSignal, posixTime],
  syscalls: [getitimer, setitimer, timerCreate, timerSettime, timerGettime, timerGetoverrun, timerDelete],
  extends: [
    onLimitChange.with(watchCpuLimit),
    signalObserver.with({
      taken(process, info) {
        if (info.signo === SIG.ALRM) alarmTaken(process);
        return timerSignalTaken(process, info);
      },
    }),
  ],
});
