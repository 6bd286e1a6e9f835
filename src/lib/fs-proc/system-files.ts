/** The files of /proc that tell of the machine: one table entry each. */

import { NSEC_PER_SEC, USER_HZ } from "../../abi/time.ts";
import type { ByteString } from "../../base/bytes.ts";
import { systemText } from "../../kernel/hooks.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { systemNames } from "../posix-sysinfo/index.ts";
import { namespace } from "../vfs/index.ts";
import { link, type ProcNode, text, withTexts } from "./node.ts";
import { settings } from "./settings.ts";

export function systemFiles(kernel: Kernel): Readonly<Record<string, ProcNode>> {
  const texts = kernel.extensions(systemText).map(({ path, read }) => ({
    names: path.split("/"),
    node: text(() => read(kernel)),
  }));
  const own = {
    cpuinfo: text(() => CPU_INFO),
    filesystems: text(() => fileSystems(kernel)),
    loadavg: text(() => `0.00 0.00 0.00 1/${kernel.tasks.size} ${Math.max(...kernel.tasks.keys())}\n`),
    meminfo: text(() => memory(kernel)),
    mounts: link(() => "self/mounts" as ByteString),
    self: link((task) => `${task.process.pid}` as ByteString),
    stat: text(() => statistics(kernel)),
    sys: settings(kernel),
    "thread-self": link((task) => `${task.process.pid}/task/${task.tid}` as ByteString),
    uptime: text(() => uptime(kernel)),
    version: text(() => version(kernel)),
  };
  return withTexts(own, texts);
}

/** What the processor announces: the same as riscv_hwprobe(2). */
const CPU_INFO = `processor\t: 0
hart\t\t: 0
isa\t\t: rv64imafdc_zicntr_zicond_zicsr_zifencei_zba_zbb_zbs
mmu\t\t: none
mvendorid\t: 0x0
marchid\t\t: 0x0
mimpid\t\t: 0x0

`;

/** Each kind that is mounted; none of them needs a device. */
function fileSystems(kernel: Kernel): string {
  const types = new Set(kernel.get(namespace).mounts.map(({ fs }) => fs.type));
  return [...types].map((type) => `nodev\t${type}\n`).join("");
}

/** proc_meminfo(5): what the machine may commit, and what of it is left. */
function memory(kernel: Kernel): string {
  const total = kernel.limits.memoryBytes;
  const spaces = new Set([...kernel.processes.values()].map(({ mm }) => mm));
  const used = [...spaces].reduce((sum, { usage }) => sum + usage.committed, 0);
  const free = Math.max(total - used, 0);
  const lines: readonly (readonly [string, number])[] = [
    ["MemTotal", total],
    ["MemFree", free],
    ["MemAvailable", free],
    ["Buffers", 0],
    ["Cached", 0],
    ["SwapCached", 0],
    ["SwapTotal", 0],
    ["SwapFree", 0],
    ["CommitLimit", total],
    ["Committed_AS", used],
  ];
  const kB = (bytes: number): string => `${Math.floor(bytes / 1024)}`.padStart(8);
  return lines.map(([name, bytes]) => `${`${name}:`.padEnd(15)} ${kB(bytes)} kB\n`).join("");
}

function uptime(kernel: Kernel): string {
  const up = kernel.now() / NSEC_PER_SEC;
  return `${up.toFixed(2)} ${Math.max(up - busySeconds(kernel), 0).toFixed(2)}\n`;
}

function busySeconds(kernel: Kernel): number {
  return [...kernel.processes.values()].reduce((sum, { cpuNs }) => sum + cpuNs, 0) / NSEC_PER_SEC;
}

/** proc_stat(5): one processor, whose time is the programs' or idle. */
function statistics(kernel: Kernel): string {
  const busy = Math.floor(busySeconds(kernel) * USER_HZ);
  const idle = Math.max(Math.floor((kernel.now() / NSEC_PER_SEC) * USER_HZ) - busy, 0);
  const times = `${busy} 0 0 ${idle} 0 0 0 0 0 0`;
  const booted = Math.floor(kernel.host.clock.realtime().seconds - kernel.now() / NSEC_PER_SEC);
  return `cpu  ${times}\ncpu0 ${times}\nbtime ${booted}\nprocs_running 1\nprocs_blocked 0\n`;
}

function version(kernel: Kernel): string {
  const { sysname, release, version: build } = systemNames(kernel);
  return `${sysname} version ${release} ${build}\n`;
}
