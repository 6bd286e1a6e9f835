import type { Library } from "../kernel/library.ts";
import { fsDev } from "../lib/fs-dev/index.ts";
import { fsHost } from "../lib/fs-host/index.ts";
import { fsProc } from "../lib/fs-proc/index.ts";
import { fsVolume } from "../lib/fs-volume/index.ts";
import { netLink } from "../lib/net-link/index.ts";
import { netLoopback } from "../lib/net-loopback/index.ts";
import { netUnix } from "../lib/net-unix/index.ts";
import { posixClone } from "../lib/posix-clone/index.ts";
import { posixCore } from "../lib/posix-core/index.ts";
import { posixEventfd } from "../lib/posix-eventfd/index.ts";
import { posixFdio } from "../lib/posix-fdio/index.ts";
import { posixFdtab } from "../lib/posix-fdtab/index.ts";
import { posixFifo } from "../lib/posix-fifo/index.ts";
import { posixFutex } from "../lib/posix-futex/index.ts";
import { posixInotify } from "../lib/posix-inotify/index.ts";
import { posixIpc } from "../lib/posix-ipc/index.ts";
import { posixLock } from "../lib/posix-lock/index.ts";
import { posixMemfd } from "../lib/posix-memfd/index.ts";
import { posixMm } from "../lib/posix-mm/index.ts";
import { posixMqueue } from "../lib/posix-mqueue/index.ts";
import { posixPidfd } from "../lib/posix-pidfd/index.ts";
import { posixPipe } from "../lib/posix-pipe/index.ts";
import { posixPoll } from "../lib/posix-poll/index.ts";
import { posixProcess } from "../lib/posix-process/index.ts";
import { posixPty } from "../lib/posix-pty/index.ts";
import { posixSched } from "../lib/posix-sched/index.ts";
import { posixSigio } from "../lib/posix-sigio/index.ts";
import { posixSignal } from "../lib/posix-signal/index.ts";
import { posixSignalfd } from "../lib/posix-signalfd/index.ts";
import { posixSplice } from "../lib/posix-splice/index.ts";
import { posixSysinfo } from "../lib/posix-sysinfo/index.ts";
import { posixTime } from "../lib/posix-time/index.ts";
import { posixTimer } from "../lib/posix-timer/index.ts";
import { posixTimerfd } from "../lib/posix-timerfd/index.ts";
import { posixTty } from "../lib/posix-tty/index.ts";
import { posixUser } from "../lib/posix-user/index.ts";
import { random } from "../lib/random/index.ts";
import { socketLibrary } from "../lib/socket/index.ts";
import { vfs } from "../lib/vfs/index.ts";

/** Everything that there is. */
export const full: readonly Library[] = [
  posixUser,
  posixProcess,
  posixSignal,
  posixClone,
  posixPidfd,
  posixCore,
  posixTime,
  posixTimer,
  posixFdtab,
  posixFdio,
  vfs,
  posixMemfd,
  posixTimerfd,
  posixSignalfd,
  posixEventfd,
  posixTty,
  posixPty,
  posixPoll,
  posixFutex,
  fsDev,
  posixFifo,
  posixPipe,
  posixSplice,
  posixLock,
  random,
  posixSysinfo,
  posixSched,
  posixMm,
  posixIpc,
  posixMqueue,
  posixInotify,
  fsHost,
  fsVolume,
  fsProc,
  posixSigio,
  socketLibrary,
  netUnix,
  netLoopback,
  netLink,
];
