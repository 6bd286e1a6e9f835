/** /proc/PID and /proc/PID/task/TID: one table entry a file. */
import { EINVAL, ENOENT, type Result } from "../../abi/errno.ts";
import { RLIMIT } from "../../abi/resource.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { Process } from "../../kernel/process.ts";
import { perProcess, perTask } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { childrenOf, limitOf } from "../posix-process/index.ts";
import { type FsContext, fsContext, type Location, shownPath, Walk } from "../vfs/index.ts";
import { mountInfo, mounts } from "./mounts.ts";
import { type DirectoryNode, directory, type LinkNode, link, type ProcNode, text } from "./node.ts";
import { openFileFacts, openFiles } from "./open-files.ts";
import { auxiliaryVector, commandLine, environment, maps } from "./process-memory.ts";
import { stat, statm, status } from "./process-status.ts";

/** The table of a process, the same as long as it lives. */
export const processDirectory = perProcess<DirectoryNode>((process) => {
  const [first] = process.tasks;
  return directory({ ...entriesOf(process, first), task: tasks(process) }, { owner: process });
});

const taskDirectory = perTask<DirectoryNode>((task) =>
  directory({ ...entriesOf(task.process, task), children: children(task) }, { owner: task.process }),
);

/** The files; of a process without tasks, which is no more than a zombie, those that need none. */
function entriesOf(process: Process, task: Task | undefined): Readonly<Record<string, ProcNode>> {
  const owner = process;
  const ofTask = (read: (process: Process, task: Task) => string) => {
    return text(() => (task === undefined ? "" : read(process, task)), { owner });
  };
  return {
    auxv: text(() => auxiliaryVector(process), { owner, mode: 0o400 }),
    cgroup: text(() => "0::/\n", { owner }),
    cmdline: text(() => commandLine(process), { owner }),
    comm: text(() => `${process.name}\n`, { owner, mode: 0o644, write: (_task, name) => rename(process, name) }),
    cwd: place(process, ({ cwd }) => cwd),
    environ: text(() => environment(process), { owner, mode: 0o400 }),
    exe: executable(process),
    fd: openFiles(process),
    fdinfo: openFileFacts(process),
    limits: text(() => limits(process), { owner }),
    maps: text(() => maps(process), { owner }),
    mountinfo: text(() => mountInfo(process), { owner }),
    mounts: text(() => mounts(process), { owner }),
    root: place(process, ({ root }) => root),
    stat: ofTask(stat),
    statm: text(() => statm(process), { owner }),
    status: ofTask(status),
  };
}

/** The children that the thread has made or taken over. */
function children(task: Task): ProcNode {
  return text(
    () =>
      childrenOf(task)
        .map(({ pid }) => `${pid} `)
        .join(""),
    { owner: task.process },
  );
}

function tasks(process: Process): DirectoryNode {
  return {
    kind: "directory",
    owner: process,
    entries: () => new Map(Array.from(process.tasks, (task) => [`${task.tid}`, task.get(taskDirectory)])),
  };
}

/** The first 15 bytes, without the newline that echo(1) adds. */
function rename(process: Process, name: string): Result<0> {
  const line = name.replace(/\n$/, "");
  if (line === "") return EINVAL;
  process.name = line.slice(0, 15) as ByteString;
  return 0;
}

/** A link to a place, which it leads to whatever its path has become. */
function place(process: Process, choose: (context: FsContext) => Location): LinkNode {
  const here = (): Location => choose(process.get(fsContext));
  return link(() => shownPath(process, here()), { owner: process, follow: here });
}

function executable(process: Process): LinkNode {
  return link(() => (process.executable === "" ? ENOENT : process.executable), {
    owner: process,
    follow: (): Answer<Location> => {
      const { root } = process.get(fsContext);
      return process.executable === "" ? ENOENT : new Walk(process, root, root, process.executable).run();
    },
  });
}

/** Names and units as in lnames of fs/proc/base.c. */
const LIMITS: readonly (readonly [name: string, resource: number, unit: string])[] = [
  ["Max cpu time", RLIMIT.CPU, "seconds"],
  ["Max file size", RLIMIT.FSIZE, "bytes"],
  ["Max data size", RLIMIT.DATA, "bytes"],
  ["Max stack size", RLIMIT.STACK, "bytes"],
  ["Max core file size", RLIMIT.CORE, "bytes"],
  ["Max resident set", RLIMIT.RSS, "bytes"],
  ["Max processes", RLIMIT.NPROC, "processes"],
  ["Max open files", RLIMIT.NOFILE, "files"],
  ["Max locked memory", RLIMIT.MEMLOCK, "bytes"],
  ["Max address space", RLIMIT.AS, "bytes"],
  ["Max file locks", RLIMIT.LOCKS, "locks"],
  ["Max pending signals", RLIMIT.SIGPENDING, "signals"],
  ["Max msgqueue size", RLIMIT.MSGQUEUE, "bytes"],
  ["Max nice priority", RLIMIT.NICE, ""],
  ["Max realtime priority", RLIMIT.RTPRIO, ""],
  ["Max realtime timeout", RLIMIT.RTTIME, "us"],
];

function limits(process: Process): string {
  const shown = (limit: number): string => (Number.isFinite(limit) ? `${limit}` : "unlimited").padEnd(20);
  const lines = LIMITS.map(([name, resource, unit]) => {
    const { current, maximum } = limitOf(process, resource);
    return `${name.padEnd(25)} ${shown(current)} ${shown(maximum)} ${unit.padEnd(10)}\n`;
  });
  return `${"Limit".padEnd(25)} ${"Soft Limit".padEnd(20)} ${"Hard Limit".padEnd(20)} ${"Units".padEnd(10)}\n${lines.join("")}`;
}
