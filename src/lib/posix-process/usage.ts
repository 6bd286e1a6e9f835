/** getrusage(2) and times(2): what a process has used. */
import { EINVAL } from "../../abi/errno.ts";
import { RUSAGE } from "../../abi/resource.ts";
import { type Rusage, rusage } from "../../abi/riscv64/resource.ts";
import { type Timeval, tms } from "../../abi/riscv64/time.ts";
import { NSEC_PER_SEC, NSEC_PER_USEC, USER_HZ } from "../../abi/time.ts";
import type { Process } from "../../kernel/process.ts";
import { perProcess } from "../../kernel/slot-kinds.ts";
import { formatFields, structOut } from "../../kernel/struct-arg.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";

/** What children that were waited for have used, theirs included. */
export interface ChildUsage {
  cpuNs: number;
  peakBytes: number;
}

/** Added to by whoever reaps a child. */
export const childUsage = perProcess<ChildUsage>(() => ({ cpuNs: 0, peakBytes: 0 }));

const formatTimeval = ({ seconds, microseconds }: Timeval) => formatFields({ tv_sec: seconds, tv_usec: microseconds });
export const formatRusage = ({ utime, stime }: Rusage) =>
  `{ru_utime=${formatTimeval(utime)}, ru_stime=${formatTimeval(stime)}, ...}`;

export const getrusage = syscall({
  name: "getrusage",
  args: [arg.name(RUSAGE, "RUSAGE_"), structOut(rusage, formatRusage)],
  support: { partial: "processor time (all of it as user time) and peak memory only; the other members are 0" },
  run(task, who, at) {
    const used = usageOf(task, who);
    return used === undefined ? EINVAL : task.mm.writeStruct(at, rusage, makeRusage(used.cpuNs, used.peakBytes));
  },
});

function usageOf(task: Task, who: number): ChildUsage | undefined {
  const peakBytes = task.mm.usage.peak;
  switch (who) {
    case RUSAGE.SELF:
      return { cpuNs: task.process.cpuNs, peakBytes };
    case RUSAGE.THREAD:
      return { cpuNs: task.cpuNs, peakBytes };
    case RUSAGE.CHILDREN:
      return task.process.get(childUsage);
    default:
      return undefined;
  }
}

/** A struct rusage of this much processor time and memory. */
export function makeRusage(cpuNs: number, peakBytes: number): Rusage {
  const zero = { ixrss: 0, idrss: 0, isrss: 0, minflt: 0, majflt: 0, nswap: 0, inblock: 0, oublock: 0 };
  const counts = { msgsnd: 0, msgrcv: 0, nsignals: 0, nvcsw: 0, nivcsw: 0 };
  return { ...zero, ...counts, utime: timevalOf(cpuNs), stime: timevalOf(0), maxrss: Math.floor(peakBytes / 1024) };
}

function timevalOf(ns: number): Timeval {
  const microseconds = Math.floor(ns / NSEC_PER_USEC);
  return { seconds: Math.floor(microseconds / 1e6), microseconds: microseconds % 1e6 };
}

const NS_PER_TICK = NSEC_PER_SEC / USER_HZ;
const ticks = (ns: number): number => Math.floor(ns / NS_PER_TICK);

export const times = syscall({
  name: "times",
  args: [
    structOut(tms, (t) =>
      formatFields({ tms_utime: t.utime, tms_stime: t.stime, tms_cutime: t.cutime, tms_cstime: t.cstime }),
    ),
  ],
  support: { partial: "all processor time counts as user time" },
  run(task, at) {
    const now = ticks(task.kernel.now());
    if (at === 0) return now;
    const written = task.mm.writeStruct(at, tms, ticksOf(task.process));
    return written === 0 ? now : written;
  },
});

function ticksOf(process: Process) {
  return { utime: ticks(process.cpuNs), stime: 0, cutime: ticks(process.get(childUsage).cpuNs), cstime: 0 };
}
