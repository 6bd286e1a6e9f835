import { Errno } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import { RLIMIT } from "../../abi/resource.ts";
import type { SigInfo } from "../../abi/riscv64/siginfo.ts";
import { S } from "../../abi/stat.ts";
import type { ByteString } from "../../base/bytes.ts";
import { defineLibrary } from "../../kernel/library.ts";
import type { Task } from "../../kernel/task.ts";
import { isBlocking } from "../../kernel/wait.ts";
import { PAGE_SIZE } from "../../machine/memory.ts";
import type { OpenFile } from "../posix-fdtab/index.ts";
import { isDumpable, posixProcess, softLimit } from "../posix-process/index.ts";
import { coreDumper, posixSignal } from "../posix-signal/index.ts";
import { credentialsOf, posixUser } from "../posix-user/index.ts";
import { fsContext, openByRequest, parseOpenFlags, vfs, Walk } from "../vfs/index.ts";
import { writeCore } from "./core-file.ts";

/** What /proc/sys/kernel/core_pattern says: a file in the working directory. */
const NAME = "core" as ByteString;

/** Writes a core file if the process's limit allows one of any use, and its file system takes it at once. (do_coredump) */
function dump(task: Task, info: SigInfo): boolean {
  const limit = softLimit(task.process, RLIMIT.CORE);
  if (limit < PAGE_SIZE || !isDumpable(task.process)) return false;
  const file = openCore(task);
  if (file === undefined) return false;
  file.hold();
  const size = writeCore(task, info, limit, (at, bytes) => file.write(task, bytes, at) === bytes.length);
  if (size > 0) file.truncate(task, size);
  file.drop();
  return size > 0;
}

/** Opens the file: a new one, or one of the process's own that has no other name. */
function openCore(task: Task): OpenFile | undefined {
  const { process } = task;
  const { root, cwd } = process.get(fsContext);
  const request = parseOpenFlags(O.CREAT | O.WRONLY | O.NOFOLLOW, 0o600);
  if (request instanceof Errno) return undefined;
  const file = openByRequest(task, new Walk(process, root, cwd, NAME, { follow: false }), request);
  if (isBlocking(file) || file instanceof Errno) return undefined;
  const attributes = file.attributes();
  if (isBlocking(attributes) || attributes instanceof Errno) return undefined;
  const { mode, links, uid } = attributes;
  const isOurs = (mode & S.IFMT) === S.IFREG && links === 1 && uid === credentialsOf(process).fsuid;
  const cut = isOurs ? file.truncate(task, 0) : undefined;
  if (cut === 0) return file;
  file.hold().drop();
  return undefined;
}

export const posixCore = defineLibrary({
  name: "posix-core",
  summary: "core files of processes that a signal ended, for debuggers",
  needs: [posixProcess, posixSignal, posixUser, vfs],
  extends: [coreDumper.with(dump)],
});
