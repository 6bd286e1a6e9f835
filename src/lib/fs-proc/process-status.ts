/** proc_pid_stat(5), proc_pid_statm(5) and proc_pid_status(5). */
import { RLIMIT } from "../../abi/resource.ts";
import { SignalSet } from "../../abi/signal-set.ts";
import { NSEC_PER_SEC, USER_HZ } from "../../abi/time.ts";
import type { Signo } from "../../abi/types.ts";
import type { Process } from "../../kernel/process.ts";
import { perProcess } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import { fdTable } from "../posix-fdtab/index.ts";
import { jobControlOf, limitOf, parentPid } from "../posix-process/index.ts";
import { effectivePriority, FAIR_PRIORITY, scheduling } from "../posix-sched/index.ts";
import { actionOf, isDefault, isIgnore } from "../posix-signal/disposition.ts";
import { pendingSignals, signalMask } from "../posix-signal/index.ts";
import { credentialsOf } from "../posix-user/index.ts";
import { fsContext } from "../vfs/index.ts";

const PAGE = 4096;

/** When a process was made, in nanoseconds since boot. */
const born = perProcess(({ kernel }) => ({ ns: kernel.now() }));

export function rememberStart(process: Process): undefined {
  process.get(born);
  return undefined;
}

const ticks = (ns: number): number => Math.floor((ns / NSEC_PER_SEC) * USER_HZ);

/** Running, or asleep and for signals too. */
function stateOf(task: Task): "R" | "S" | "D" {
  const wait = task.kernel.scheduler.waitOf(task);
  if (wait === undefined) return "R";
  return wait.interruptible === false ? "D" : "S";
}

export function stat(process: Process, task: Task): string {
  const { mm } = process;
  const { pgid, sid } = jobControlOf(process);
  const { regions, usage } = mm;
  const { nice, realTime, policy } = task.get(scheduling);
  const resident = Math.floor(usage.committed / PAGE);
  const fields = [
    task.tid,
    `(${process.name})`,
    stateOf(task),
    parentPid(process),
    pgid,
    sid,
    ...[0, -1, 0], // tty_nr, tpgid, flags
    ...[0, 0, 0, 0], // page faults
    ticks(process.cpuNs),
    ...[0, 0, 0], // stime, children
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

export function statm({ mm }: Process): string {
  const { mapped, committed, data } = mm.usage;
  const text = mm.regions.endCode - mm.regions.startCode;
  const pages = [mapped, committed, 0, text, 0, data, 0].map((bytes) => Math.ceil(bytes / PAGE));
  return `${pages.join(" ")}\n`;
}

const STATE_NAMES = { R: "running", S: "sleeping", D: "disk sleep" } as const;

export function status(process: Process, task: Task): string {
  const { mm } = process;
  const state = stateOf(task);
  const who = credentialsOf(process);
  const { mapped, committed, data, peak } = mm.usage;
  const kB = (bytes: number): string => `${Math.ceil(bytes / 1024)} kB`.padStart(11);
  const lines: readonly (readonly [string, string | number])[] = [
    ["Name", process.name],
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
    ["VmSize", kB(mapped)],
    ["VmHWM", kB(peak)],
    ["VmRSS", kB(committed)],
    ["VmData", kB(data)],
    ["VmExe", kB(mm.regions.endCode - mm.regions.startCode)],
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
    ["SigPnd", mask(pendingSignals(task))],
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
