/** /proc/PID and /proc/PID/task/TID: one table entry a file. */
import { EINVAL, ENOENT, Errno, type Result } from "../../abi/errno.ts";
import { RLIMIT } from "../../abi/resource.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { Process } from "../../kernel/process.ts";
import { perProcess, perTask } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { childrenOf, limitOf } from "../posix-process/index.ts";
import { type FsContext, fsContext, type Location, shownPath, Walk } from "../vfs/index.ts";
import { mountInfo, mounts } from "./mounts.ts";
import { type DirectoryNode, directory, type LinkNode, link, type ProcNode, type TextNode, text } from "./node.ts";
import { openFileFacts, openFiles } from "./open-files.ts";
import { auxiliaryVector, commandLine, environment, maps } from "./process-memory.ts";
import { stat, statm, status } from "./process-status.ts";

/** The table of a process, the same as long as it lives. */
export const processDirectory = perProcess<DirectoryNode>((process) =>
  directory({ ...entriesOf(process, () => process.leader), task: tasks(process) }, { owner: process }),
);

/** What is at /proc/TID, where it can be found but is not listed: a process as that thread of it shows it. */
export const threadDirectory = perTask<DirectoryNode>((task) =>
  directory({ ...entriesOf(task.process, () => task), task: tasks(task.process) }, { owner: task.process }),
);

const taskDirectory = perTask<DirectoryNode>((task) =>
  directory({ ...entriesOf(task.process, () => task), children: children(task) }, { owner: task.process }),
);

function entriesOf(process: Process, find: () => Task | undefined): Readonly<Record<string, ProcNode>> {
  const owner = process;
  const ofTask = (read: (task: Task) => string, more: Partial<TextNode> = {}) => {
    return text(
      () => {
        const task = find();
        return task === undefined ? "" : read(task);
      },
      { owner, ...more },
    );
  };
  const inside = { owner, shows: process };
  return {
    auxv: text(() => auxiliaryVector(process), { ...inside, mode: 0o400 }),
    cgroup: text(() => "0::/\n", { owner }),
    cmdline: text(() => commandLine(process), { owner }),
    comm: ofTask(({ name }) => `${name}\n`, { mode: 0o644, write: (caller, name) => rename(caller, find(), name) }),
    cwd: place(process, ({ cwd }) => cwd),
    environ: text(() => environment(process), { ...inside, mode: 0o400 }),
    exe: executable(process),
    fd: openFiles(process),
    fdinfo: openFileFacts(process),
    limits: text(() => limits(process), { owner }),
    maps: text(() => maps(process), inside),
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

/** The first 15 bytes, the newline that echo(1) adds among them. Only threads of the same process may. (comm_write) */
function rename(caller: Task, task: Task | undefined, name: string): Result<0> {
  if (caller.process !== task?.process) return EINVAL;
  task.rename(name.slice(0, 15) as ByteString);
  return 0;
}

/** A link to a place, which it leads to whatever its path has become. */
function place(process: Process, choose: (context: FsContext) => Location): LinkNode {
  const here = (): Result<Location> => (process.ended ? ENOENT : choose(process.get(fsContext)));
  const target = (): Result<ByteString> => {
    const at = here();
    return at instanceof Errno ? at : shownPath(process, at);
  };
  return link(target, { owner: process, shows: process, follow: here });
}

function executable(process: Process): LinkNode {
  const gone = (): boolean => process.ended || process.executable === "";
  return link(() => (gone() ? ENOENT : process.executable), {
    owner: process,
    shows: process,
    follow: (): Answer<Location> => {
      const { root } = process.get(fsContext);
      return gone() ? ENOENT : new Walk(process, root, root, process.executable).run();
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
