import type { Tid } from "../../abi/types.ts";
import type { ByteString } from "../../base/bytes.ts";
import { onProcessStart } from "../../kernel/hooks.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { defineLibrary } from "../../kernel/library.ts";
import { fsRam } from "../fs-ram/index.ts";
import { posixFdtab } from "../posix-fdtab/index.ts";
import { posixProcess } from "../posix-process/index.ts";
import { posixSched } from "../posix-sched/index.ts";
import { posixSignal } from "../posix-signal/index.ts";
import { posixSysinfo } from "../posix-sysinfo/index.ts";
import { posixUser } from "../posix-user/index.ts";
import { bootMount, vfs } from "../vfs/index.ts";
import type { DirectoryNode, ProcNode } from "./node.ts";
import { ProcFileSystem } from "./proc-inode.ts";
import { processDirectory, threadDirectory } from "./process-directory.ts";
import { rememberStart } from "./process-status.ts";
import { systemFiles } from "./system-files.ts";

/** /proc itself: a directory for each process, and the machine's files. */
function rootOf(kernel: Kernel): DirectoryNode {
  const fixed = Object.entries(systemFiles(kernel));
  return {
    kind: "directory",
    entries(): ReadonlyMap<string, ProcNode> {
      const entries = new Map<string, ProcNode>(fixed);
      for (const [pid, process] of kernel.processes) entries.set(`${pid}`, process.get(processDirectory));
      return entries;
    },
    unlisted(name) {
      return /^[1-9]\d*$/.test(name) ? kernel.tasks.get(Number(name) as Tid)?.get(threadDirectory) : undefined;
    },
  };
}

export const fsProc = defineLibrary({
  name: "fs-proc",
  summary: "/proc: processes, and facts of the machine, as files",
  needs: [vfs, fsRam, posixFdtab, posixProcess, posixSched, posixSignal, posixSysinfo, posixUser],
  extends: [
    bootMount.with({ target: "/proc" as ByteString, make: (kernel) => new ProcFileSystem(kernel, rootOf(kernel)) }),
    onProcessStart.with(rememberStart),
  ],
});
