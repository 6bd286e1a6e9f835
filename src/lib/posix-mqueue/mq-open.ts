/** mq_open(2) and mq_unlink(2). The order of checks is that of do_mq_open in Linux ipc/mqueue.c. */
import { EACCES, EEXIST, EINVAL, EMFILE, ENAMETOOLONG, ENOENT, Errno, type Result } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import { NAME_MAX } from "../../abi/limits.ts";
import { type MqAttr, mqAttr } from "../../abi/riscv64/mqueue.ts";
import { S } from "../../abi/stat.ts";
import type { GuestPtr } from "../../abi/types.ts";
import type { ByteString } from "../../base/bytes.ts";
import { type Arg, arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { modeArg, openFlagsArg } from "../posix-fdtab/arguments.ts";
import { descriptorLimit, fdTable, installFd } from "../posix-fdtab/index.ts";
import { credentialsOf } from "../posix-user/index.ts";
import { fsContext, type Location } from "../vfs/index.ts";
import { readPath } from "../vfs/paths.ts";
import { checkAccess, checkDelete, MAY } from "../vfs/permission.ts";
import { mqAttrIn } from "./mq-args.ts";
import type { Queue } from "./queue.ts";
import { QueueFile } from "./queue-file.ts";
import { type QueueFileSystem, queueMount } from "./queue-fs.ts";

/** They count only if a queue may be made. */
const ifMade = <T extends number>(shown: Arg<T>): Arg<T> => ({
  decode: shown.decode,
  format: (value, context) => (Number(context.args[1]) & O.CREAT ? shown.format(value, context) : ""),
});

export const mqOpen = syscall({
  name: "mq_open",
  args: [arg.path, openFlagsArg, ifMade(modeArg), ifMade(mqAttrIn)],
  support: "full",
  run(task, nameAt, flags, mode, attributesAt) {
    const wanted = attributesAt === 0 ? undefined : task.mm.readStruct(attributesAt, mqAttr);
    if (wanted instanceof Errno) return wanted;
    const { process } = task;
    const name = readPath(task, nameAt);
    if (name instanceof Errno) return name;
    if (process.get(fdTable).isFull(descriptorLimit(process))) return EMFILE;
    const queue = checkName(name) ?? findOrMake(task, name, flags, mode, wanted);
    if (queue instanceof Errno) return queue;
    const lasting = flags & ~(O.CREAT | O.EXCL | O.NOCTTY | O.TRUNC);
    return installFd(process, new QueueFile(process, locationOf(task, name, queue), lasting, queue), O.CLOEXEC);
  },
});

/** lookup_noperm: one component, and no path. */
function checkName(name: ByteString): Errno | undefined {
  if (name === "." || name === ".." || name.includes("/")) return EACCES;
  return name.length > NAME_MAX ? ENAMETOOLONG : undefined;
}

const fileSystem = (task: Task): QueueFileSystem => task.kernel.get(queueMount).fs as QueueFileSystem;

/** prepare_open */
function findOrMake(
  task: Task,
  name: ByteString,
  flags: number,
  mode: number,
  wanted: MqAttr | undefined,
): Result<Queue> {
  const { process } = task;
  const { root } = fileSystem(task);
  const found = root.lookup(name) as Result<Queue>;
  if (found instanceof Errno) {
    if ((flags & O.CREAT) === 0) return ENOENT;
    const { fsuid: uid, fsgid: gid } = credentialsOf(process);
    const { umask } = process.get(fsContext);
    const node = { mode: S.IFREG | (mode & S.ALL & ~umask), uid, gid };
    return root.put(name, fileSystem(task).make(node, wanted, process));
  }
  if ((flags & O.CREAT) !== 0 && (flags & O.EXCL) !== 0) return EEXIST;
  const access = flags & O.ACCMODE;
  if (access === O.ACCMODE) return EINVAL;
  const asked = (access === O.WRONLY ? 0 : MAY.READ) | (access === 0 ? 0 : MAY.WRITE);
  return checkAccess(process, found.attributes(), asked) ?? found;
}

function locationOf({ kernel }: Task, name: ByteString, queue: Queue): Location {
  const mount = kernel.get(queueMount);
  return { mount, dentry: mount.root.child(name, queue) };
}

export const mqUnlink = syscall({
  name: "mq_unlink",
  args: [arg.path],
  support: "full",
  run(task, nameAt) {
    const name = readPath(task, nameAt as GuestPtr);
    if (name instanceof Errno) return name;
    const { root } = fileSystem(task);
    const found = checkName(name) ?? (root.lookup(name) as Result<Queue>);
    if (found instanceof Errno) return found;
    if (checkDelete(task.process, root.attributes(), found.attributes()) !== undefined) return EACCES;
    task.kernel.get(queueMount).root.forget(name);
    return root.unlink(name);
  },
});
