/** proc_pid_stat(5), proc_pid_statm(5) and proc_pid_status(5). */
import { RLIMIT } from "../../abi/resource.ts";
import { SignalSet } from "../../abi/signal-set.ts";
import { majorOf, minorOf } from "../../abi/stat.ts";
import { NSEC_PER_SEC, USER_HZ } from "../../abi/time.ts";
import type { Signo } from "../../abi/types.ts";
import { NO_REGIONS } from "../../kernel/mm/program-regions.ts";
import type { Process } from "../../kernel/process.ts";
import { perProcess } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import { fdTable } from "../posix-fdtab/index.ts";
import { childUsage, jobControlOf, limitOf, parentPid, terminalOf } from "../posix-process/index.ts";
import { effectivePriority, FAIR_PRIORITY, scheduling } from "../posix-sched/index.ts";
import { actionOf, isDefault, isIgnore } from "../posix-signal/disposition.ts";
import { isStopped, pendingOf, pendingSignals, signalMask } from "../posix-signal/index.ts";
import { credentialsOf } from "../posix-user/index.ts";
import { fsContext } from "../vfs/index.ts";

const PAGE = 4096;

const NO_MEMORY: Pick<Process["mm"], "regions" | "usage"> = {
  regions: NO_REGIONS,
  usage: { mapped: 0, committed: 0, data: 0, locked: 0, peak: 0 },
};

/** When a process was made, in nanoseconds since boot. */
const born = perProcess({
  create: ({ kernel }) => ({ ns: kernel.now() }),
  fork: (_, { kernel }) => ({ ns: kernel.now() }),
});

export function rememberStart(process: Process): undefined {
  process.get(born);
  return undefined;
}

const ticks = (ns: number): number => Math.floor((ns / NSEC_PER_SEC) * USER_HZ);

/** Ended, stopped, running, or asleep and for signals too. */
function stateOf(task: Task): "Z" | "T" | "R" | "S" | "D" {
  if (task.dead) return "Z";
  if (isStopped(task.process)) return "T";
  const wait = task.kernel.scheduler.sleepers.waitOf(task);
  if (wait === undefined) return "R";
  return wait.interruptible === false ? "D" : "S";
}

export function stat(task: Task): string {
  const { process } = task;
  const { pgid, sid } = jobControlOf(process);
  const { regions, usage } = memoryOf(process);
  const [terminal] = process.kernel.extensions(terminalOf).map((tell) => tell(process));
  const waitedFor = process.get(childUsage);
  const { nice, realTime, policy } = task.get(scheduling);
  const resident = Math.floor(usage.committed / PAGE);
  const fields = [
    task.tid,
    `(${task.name})`,
    stateOf(task),
    parentPid(process),
    pgid,
    sid,
    deviceWord(terminal?.device ?? 0),
    terminal?.foreground ?? -1,
    0, // flags
    ...[0, 0, 0, 0], // page faults
    ticks(process.cpuNs),
    0, // stime
    ticks(waitedFor.cpuNs),
    0,
    effectivePriority(task) - FAIR_PRIORITY,
    nice,
    process.tasks.size,
    0,
    ticks(process.get(born).ns),
    usage.mapped,
    resident,
    limitText(limitOf(process, RLIMIT.RSS).current, "18446744073709551615"),
    regions.startCode,
    regions.endCode,
    regions.startStack,
    ...[0, 0], // kstkesp, kstkeip
    ...signalWords(task),
    ...[0, 0, 0], // wchan, nswap, cnswap
    ...[17, 0], // exit_signal, processor
    realTime,
    policy,
    ...[0, 0, 0], // delays, guest time
    regions.startData,
    regions.endData,
    regions.startBrk,
    regions.argStart,
    regions.argEnd,
    regions.envStart,
    regions.envEnd,
    0,
  ];
  return `${fields.join(" ")}\n`;
}

function limitText(limit: number, unlimited: string): string {
  return Number.isFinite(limit) ? `${limit}` : unlimited;
}

/** Major and minor number as they stand in one word of the old kind (new_encode_dev). */
function deviceWord(device: number): number {
  const minor = minorOf(device);
  return (minor & 0xff) | (majorOf(device) << 8) | ((minor & ~0xff) << 12);
}

/** A process that has ended has no memory any more. */
function memoryOf({ ended, mm }: Process): Pick<Process["mm"], "regions" | "usage"> {
  return ended ? NO_MEMORY : mm;
}

export function statm(process: Process): string {
  const { regions, usage } = memoryOf(process);
  const { mapped, committed, data } = usage;
  const text = regions.endCode - regions.startCode;
  const pages = [mapped, committed, 0, text, 0, data, 0].map((bytes) => Math.ceil(bytes / PAGE));
  return `${pages.join(" ")}\n`;
}

const STATE_NAMES = { R: "running", S: "sleeping", D: "disk sleep", T: "stopped", Z: "zombie" } as const;

export function status(task: Task): string {
  const { process } = task;
  const state = stateOf(task);
  const who = credentialsOf(process);
  const lines: readonly (readonly [string, string | number])[] = [
    ["Name", task.name],
    ["Umask", `0${process.get(fsContext).umask.toString(8).padStart(3, "0")}`],
    ["State", `${state} (${STATE_NAMES[state]})`],
    ["Tgid", process.pid],
    ["Ngid", 0],
    ["Pid", task.tid],
    ["PPid", parentPid(process)],
    ["TracerPid", 0],
    ["Uid", [who.uid, who.euid, who.suid, who.fsuid].join("\t")],
    ["Gid", [who.gid, who.egid, who.sgid, who.fsgid].join("\t")],
    ["FDSize", tableSize(process)],
    ["Groups", `${who.groups.join(" ")} `],
    ...(process.ended ? [] : memoryLines(process)),
    ["Threads", process.tasks.size],
    ...signalLines(task),
    ...(["inheritable", "permitted", "effective", "bounding", "ambient"] as const).map(
      (set) => [CAPABILITY_NAMES[set], who[set].toString(16).padStart(16, "0")] as const,
    ),
    ["NoNewPrivs", who.noNewPrivileges ? 1 : 0],
    ["Seccomp", 0],
    ["Cpus_allowed", 1],
    ["Cpus_allowed_list", 0],
  ];
  return lines.map(([name, value]) => `${name}:\t${value}\n`).join("");
}

function memoryLines({ mm }: Process): readonly (readonly [string, string])[] {
  const { mapped, committed, data, locked, peak } = mm.usage;
  const kB = (bytes: number): string => `${Math.ceil(bytes / 1024)} kB`.padStart(11);
  return [
    ["VmSize", kB(mapped)],
    ["VmLck", kB(locked)],
    ["VmHWM", kB(peak)],
    ["VmRSS", kB(committed)],
    ["VmData", kB(data)],
    ["VmExe", kB(mm.regions.endCode - mm.regions.startCode)],
  ];
}

const CAPABILITY_NAMES = {
  inheritable: "CapInh",
  permitted: "CapPrm",
  effective: "CapEff",
  bounding: "CapBnd",
  ambient: "CapAmb",
} as const;

/** Slots of the descriptor table as Linux grows it: by 64, doubling. */
function tableSize(process: Process): number {
  let highest = 0;
  for (const [fd] of process.get(fdTable)) highest = fd;
  let size = 64;
  while (size <= highest) size *= 2;
  return size;
}

/** Ignored and caught signals. */
function dispositions(process: Process): readonly [ignored: SignalSet, caught: SignalSet] {
  let ignored = SignalSet.EMPTY;
  let caught = SignalSet.EMPTY;
  for (let number = 1; number <= 64; number++) {
    const signo = number as Signo;
    const action = actionOf(process, signo);
    if (isIgnore(action)) ignored = ignored.with(signo);
    else if (!isDefault(action)) caught = caught.with(signo);
  }
  return [ignored, caught];
}

function signalLines(task: Task): readonly (readonly [string, string])[] {
  const [ignored, caught] = dispositions(task.process);
  return [
    ["SigPnd", mask(pendingOf(task).own)],
    ["ShdPnd", mask(pendingOf(task).shared)],
    ["SigBlk", mask(signalMask(task))],
    ["SigIgn", mask(ignored)],
    ["SigCgt", mask(caught)],
  ];
}

/** The obsolete decimal words of /proc/PID/stat: signals 1 to 31. */
function signalWords(task: Task): readonly number[] {
  const [ignored, caught] = dispositions(task.process);
  return [pendingSignals(task), signalMask(task), ignored, caught].map(({ low }) => low & 0x7fff_ffff);
}

function mask({ low, high }: SignalSet): string {
  return [high, low].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}
